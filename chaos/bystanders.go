package chaos

// checkBystanders: a service without faults keeps its process until the shutdown, or until
// its own policy lets it end.
func checkBystanders(t *judgement) (a findings) {
	faults, began := t.span(Faults)
	kept, ended := 0, 0
	for _, svc := range t.Services {
		if t.wasTarget(svc.Name) {
			continue
		}
		found := len(a.violations) + len(a.doubts)
		for i, l := range t.processesOf(svc.Name) {
			switch replaced := i > 0 && began && l.FirstSeen-l.UnseenFor >= faults.From; {
			case replaced && t.exitedBeforeFaults(svc.Name):
				a.undecided("%s: no fault was injected into it, and it had a new PID %d at %v; it had ended by itself before the faults, too", svc.Name, l.Pid, l.FirstSeen)
			case replaced:
				a.violation("%s: no fault was injected into it, and it had a new PID %d at %v", svc.Name, l.Pid, l.FirstSeen)
			case t.exitedDuringFaults(l) && t.exitedForGood(l):
				ended++
			case t.exitedDuringFaults(l) && t.exitedBeforeFaults(svc.Name):
				a.undecided("%s: no fault was injected into it, and its PID %d ended at %v; it had ended by itself before the faults, too", svc.Name, l.Pid, l.ExitedAt)
			case t.exitedDuringFaults(l):
				a.violation("%s: no fault was injected into it, and its PID %d ended at %v", svc.Name, l.Pid, l.ExitedAt)
			}
		}
		if found == len(a.violations)+len(a.doubts) {
			kept++
		}
	}
	a.note("%s; %d ended as the policy allows", Count(kept, "service without faults was not disturbed", "services without faults were not disturbed"), ended)
	return a
}
