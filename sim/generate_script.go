package sim

import (
	"strconv"
	"time"
)

// script makes a program. depth bounds forks within forks.
func (g generator) script(s Service, depth int) string {
	text := g.program(s)
	if depth == 0 {
		return text
	}
	child := func() string { return g.script(s, depth-1) }
	switch g.Choose("family", 11) {
	case 1:
		return "fork {" + child() + "}; " + text
	case 2:
		return "daemon {" + child() + "}; " + text
	case 3:
		return "fork {setsid; " + child() + "}; " + text
	case 4:
		return "daemon {setsid; " + child() + "}; " + text
	case 5:
		return "fork {fork {" + child() + "}; " + child() + "}; " + text
	case 6:
		return "fork {" + child() + "}; wait; " + text
	case 8:
		return "sibling {" + child() + "}; " + text
	case 9:
		return "fork {setsid; trace 0; " + child() + "}; " + text
	case 7: // each is gone when it is looked at, and has left a child
		return "daemon {setsid; sleep " + g.life(s).String() + "; daemon {daemon {daemon {daemon {" + child() + "}}}}}; " + text
	}
	return text
}

func (g generator) program(s Service) string {
	switch g.Choose("program", 14) {
	case 1, 2, 3:
		return "sleep " + g.life(s).String() + "; " + g.end()
	case 4:
		return g.end()
	case 5:
		return "ignore TERM; ignore INT; ignore USR1; sleep forever"
	case 6:
		return g.handler(s) + "; sleep forever"
	case 7:
		return g.handler(s) + "; sleep " + g.life(s).String() + "; " + g.end()
	case 8:
		return "stop; " + g.end()
	case 9:
		return "block " + g.span("in the disk", 10*time.Millisecond, 14).String() + "; " + g.end()
	case 10:
		const often = "loop {fork {exit 0}; wait; sleep 10s}"
		return pick(g, "never", "block forever", "block forever", "block forever", often, often, often, "on TERM {loop {fork {sleep forever}}}; sleep forever",
			"on TERM {loop {daemon {setsid; sleep forever}}}; sleep 20s; "+g.end())
	case 11:
		return "flood " + strconv.Itoa(1000<<g.Choose("output", 9)) + "; sleep forever"
	case 12:
		return "loop {sleep " + g.span("beat", time.Second, 8).String() + "; print tick}"
	}
	return Healthy
}

// life is how long a program runs: often what some rule compares it with.
func (g generator) life(s Service) time.Duration {
	return pick(g, "life", time.Second, 0, g.beside(s.Backoff.ResetAfter), g.beside(s.StartTimeout), g.span("length", time.Millisecond, 20))
}

func (g generator) end() string {
	return pick(g, "end of program", "exit 0", "exit 1", "exit 1", "die KILL", "die SEGV", "exit 126", "exit 127", "exit 255")
}

// handler takes about as long as the grace, or a little.
func (g generator) handler(s Service) string {
	takes := pick(g, "handler", 0, 200*time.Millisecond, g.beside(s.StopTimeout))
	return "on TERM {sleep " + takes.String() + "; " + g.end() + "}; on INT {" + g.end() + "}"
}
