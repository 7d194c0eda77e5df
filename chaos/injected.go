package chaos

import (
	"fmt"
	"slices"
	"strings"
)

func (t *judgement) injections() (done, skipped []Injection) {
	for _, d := range t.Injections {
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
func tooFewInjected(t *judgement) string {
	done, _ := t.injections()
	if n := len(t.Plan.Faults); len(done) == 0 || len(done)*4 < n {
		return fmt.Sprintf("%d of %s done%s", len(done), Count(n, "planned fault was", "planned faults were"), t.skipReasons(func(Injection) bool { return true })) + t.whyFaultsEnded()
	}
	return ""
}

// cutShort says why the faults were not done for as long as they were to be.
func (t *judgement) whyFaultsEnded() string {
	if s, _ := t.span(Faults); s.Failure != "" {
		return ": " + s.Failure
	}
	return ""
}

// injected: every kind of fault that was asked for was done. Those that [AllFaults]
// stands for are done as far as the machine and the services can have them, and as far
// as there are enough hits.
func checkInjected(t *judgement) (a findings) {
	var undrawn, lacking []string
	for _, kind := range t.requestedKinds() {
		is := func(d Injection) bool { return d.Fault == kind }
		named := slices.Contains(t.rules.Faults, kind) || t.rules.Faults == nil
		planned := slices.ContainsFunc(t.Plan.Faults, func(h PlannedFault) bool { return h.Fault == kind })
		switch {
		case slices.ContainsFunc(t.Injections, func(d Injection) bool { return is(d) && d.Skipped == "" }):
		case !planned && named:
			a.doubt("%s was asked for and never drawn: raise the rate or the duration", kind)
		case !planned:
			undrawn = append(undrawn, kind)
		case !named && slices.ContainsFunc(t.Injections, func(d Injection) bool { return is(d) && d.Unsupported }):
			lacking = append(lacking, kind+t.skipReasons(is))
		default:
			a.doubt("%s was asked for and never done%s", kind, t.skipReasons(is))
		}
	}
	done, skipped := t.injections()
	a.note("%d of %s done, %d skipped", len(done), Count(len(t.Plan.Faults), "planned fault was", "planned faults were"), len(skipped))
	if len(lacking) > 0 {
		a.note("cannot be done here: %s", strings.Join(lacking, ", "))
	}
	if len(undrawn) > 0 {
		a.note("not drawn from all faults: %s", strings.Join(undrawn, ", "))
	}
	return a
}

// kinds are the names of all faults that were asked for, sorted.
func (t *judgement) requestedKinds() (names []string) {
	names = slices.DeleteFunc(slices.Clone(Expand(t.rules.Faults)), func(name string) bool { return name == AllFaults })
	if t.rules.Faults == nil {
		for _, h := range t.Plan.Faults {
			names = append(names, h.Fault)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// reasons says why some hits were skipped, each reason once; "": none was.
func (t *judgement) skipReasons(of func(Injection) bool) string {
	var all []string
	for _, d := range t.Injections {
		if d.Skipped != "" && of(d) && !slices.Contains(all, d.Skipped) {
			all = append(all, d.Skipped)
		}
	}
	if len(all) == 0 {
		return ""
	}
	return " (" + strings.Join(all, "; ") + ")"
}
