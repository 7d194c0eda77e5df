package chaos

import (
	"fmt"
	"slices"
	"strings"
)

func (t *trial) done() (done, skipped []Done) {
	for _, d := range t.Hits {
		if d.Skipped == "" {
			done = append(done, d)
		} else {
			skipped = append(skipped, d)
		}
	}
	return done, skipped
}

// tooLittle: with nothing done, or hardly anything of what was planned, nothing
// was tried.
func tooLittle(t *trial) string {
	done, _ := t.done()
	if n := len(t.Plan.Hits); len(done) == 0 || len(done)*4 < n {
		return fmt.Sprintf("%d of %s done%s", len(done), Count(n, "planned fault was", "planned faults were"), t.reasons(func(Done) bool { return true })) + t.cutShort()
	}
	return ""
}

// cutShort says why the faults were not done for as long as they were to be.
func (t *trial) cutShort() string {
	if s, _ := t.span(Faults); s.Failure != "" {
		return ": " + s.Failure
	}
	return ""
}

// injected: every kind of fault that was asked for was done. Those that [AllFaults]
// stands for are done as far as the machine and the services can have them, and as far
// as there are enough hits.
func injected(t *trial) (a answer) {
	var undrawn, lacking []string
	for _, kind := range t.kinds() {
		is := func(d Done) bool { return d.Fault == kind }
		named := slices.Contains(t.rules.Faults, kind) || t.rules.Faults == nil
		planned := slices.ContainsFunc(t.Plan.Hits, func(h Hit) bool { return h.Fault == kind })
		switch {
		case slices.ContainsFunc(t.Hits, func(d Done) bool { return is(d) && d.Skipped == "" }):
		case !planned && named:
			a.doubt("%s was asked for and never drawn: raise the rate or the duration", kind)
		case !planned:
			undrawn = append(undrawn, kind)
		case !named && slices.ContainsFunc(t.Hits, func(d Done) bool { return is(d) && d.Cannot }):
			lacking = append(lacking, kind+t.reasons(is))
		default:
			a.doubt("%s was asked for and never done%s", kind, t.reasons(is))
		}
	}
	done, skipped := t.done()
	a.show("%d of %s done, %d skipped", len(done), Count(len(t.Plan.Hits), "planned fault was", "planned faults were"), len(skipped))
	if len(lacking) > 0 {
		a.show("cannot be done here: %s", strings.Join(lacking, ", "))
	}
	if len(undrawn) > 0 {
		a.show("not drawn from all faults: %s", strings.Join(undrawn, ", "))
	}
	return a
}

// kinds are the names of all faults that were asked for, sorted.
func (t *trial) kinds() (names []string) {
	names = slices.DeleteFunc(slices.Clone(Expand(t.rules.Faults)), func(name string) bool { return name == AllFaults })
	if t.rules.Faults == nil {
		for _, h := range t.Plan.Hits {
			names = append(names, h.Fault)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// reasons says why some hits were skipped, each reason once; "": none was.
func (t *trial) reasons(of func(Done) bool) string {
	var all []string
	for _, d := range t.Hits {
		if d.Skipped != "" && of(d) && !slices.Contains(all, d.Skipped) {
			all = append(all, d.Skipped)
		}
	}
	if len(all) == 0 {
		return ""
	}
	return " (" + strings.Join(all, "; ") + ")"
}
