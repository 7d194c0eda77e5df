package logs

import "hash/fnv"

// colours are SGR foreground colours (console_codes(4)). Red is absent because it
// means an error, black and white because some terminals cannot show them.
var colours = [...]string{"36", "33", "32", "35", "34", "96", "93", "92", "95", "94"}

// UseColour reports whether names are coloured: the output is a terminal that
// supports it (TERM is not "dumb"), and NO_COLOR is not set or empty (no-color.org).
func UseColour(terminal bool, getenv func(string) string) bool {
	return terminal && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}

// prefix returns the beginning of a service's lines. The colour depends on the
// name only. The reset also ends a colour that the line before left on.
func prefix(name string, colour bool) string {
	if !colour {
		return name + " | "
	}
	h := fnv.New32a()
	h.Write([]byte(name))
	c := colours[h.Sum32()%uint32(len(colours))]
	return "\x1b[" + c + "m" + name + " |\x1b[0m "
}
