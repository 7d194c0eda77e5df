package logs

import "hash/fnv"

// colours are the SGR foregrounds of names (console_codes(4)): no red, which
// means trouble, and no black or white, which some terminals cannot show.
var colours = [...]string{"36", "33", "32", "35", "34", "96", "93", "92", "95", "94"}

// UseColour decides whether a destination is coloured: it is a terminal that can
// (TERM is not "dumb"), and NO_COLOR is not set or empty (no-color.org).
func UseColour(terminal bool, getenv func(string) string) bool {
	return terminal && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}

// prefix is what the lines of a service begin with. The colour depends on the
// name only. The reset ends it, and also what the line before may have left on.
func prefix(name string, colour bool) string {
	if !colour {
		return name + " | "
	}
	h := fnv.New32a()
	h.Write([]byte(name))
	c := colours[h.Sum32()%uint32(len(colours))]
	return "\x1b[" + c + "m" + name + " |\x1b[0m "
}
