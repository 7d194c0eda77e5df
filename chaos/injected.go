package chaos

import (
	"fmt"
	"slices"
	"strings"
)

// injections returns the faults that were injected and those that were skipped.
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

// tooFewInjected says that less than a quarter of the plan was injected, which tests
// nothing, or returns "".
func tooFewInjected(t *judgement) string {
	done, _ := t.injections()
	if n := len(t.Plan.Faults); len(done) == 0 || len(done)*4 < n {
		return fmt.Sprintf("%d of %s injected%s%s", len(done), Count(n, "planned fault was", "planned faults were"),
			t.skipReasons(func(Injection) bool { return true }), t.whyFaultsEnded())
	}
	return ""
}

// whyFaultsEnded says why the phase of faults did not complete, or returns "".
func (t *judgement) whyFaultsEnded() string {
	if s, _ := t.span(Faults); s.Failure != "" {
		return ": " + s.Failure
	}
	return ""
}

// checkInjected: every requested kind of fault was injected. Those that [AllFaults] stands
// for are injected as far as the machine and the services support them, and as far as the
// plan has enough faults.
func checkInjected(t *judgement) (a findings) {
	var undrawn, unsupported []string
	for _, kind := range t.requestedKinds() {
		is := func(d Injection) bool { return d.Fault == kind }
		named := slices.Contains(t.rules.Faults, kind) || t.rules.Faults == nil
		planned := slices.ContainsFunc(t.Plan.Faults, func(h PlannedFault) bool { return h.Fault == kind })
		switch {
		case slices.ContainsFunc(t.Injections, func(d Injection) bool { return is(d) && d.Skipped == "" }):
		case !planned && named:
			a.undecided("%s was requested and is not in the plan: raise the rate or the duration", kind)
		case !planned:
			undrawn = append(undrawn, kind)
		case !named && slices.ContainsFunc(t.Injections, func(d Injection) bool { return is(d) && d.Unsupported }):
			unsupported = append(unsupported, kind+t.skipReasons(is))
		default:
			a.undecided("%s was requested and never injected%s", kind, t.skipReasons(is))
		}
	}
	done, skipped := t.injections()
	a.note("%d of %s injected, %d skipped", len(done), Count(len(t.Plan.Faults), "planned fault was", "planned faults were"), len(skipped))
	if len(unsupported) > 0 {
		a.note("not supported here: %s", strings.Join(unsupported, ", "))
	}
	if len(undrawn) > 0 {
		a.note("not in the plan: %s", strings.Join(undrawn, ", "))
	}
	return a
}

// requestedKinds returns the names of all requested faults, sorted.
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

// skipReasons lists why some faults were skipped, each reason once, in brackets, or
// returns "".
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
