package chaos

// bystanders: a service that was not hit keeps its process until the shutdown, or
// until its own policy has it end.
func checkBystanders(t *judgement) (a findings) {
	faults, began := t.span(Faults)
	kept, ended := 0, 0
	for _, svc := range t.Services {
		if t.wasTarget(svc.Name) {
			continue
		}
		found := len(a.violations) + len(a.doubts)
		for i, l := range t.processesOf(svc.Name) {
			switch reborn := i > 0 && began && l.FirstSeen-l.UnseenFor >= faults.From; {
			case reborn && t.exitedBeforeFaults(svc.Name):
				a.doubt("%s was not hit, and had a new process %d at %v; it had ended by itself before the faults, too", svc.Name, l.Pid, l.FirstSeen)
			case reborn:
				a.violation("%s was not hit, and had a new process %d at %v", svc.Name, l.Pid, l.FirstSeen)
			case t.exitedDuringFaults(l) && t.exitedForGood(l):
				ended++
			case t.exitedDuringFaults(l) && t.exitedBeforeFaults(svc.Name):
				a.doubt("%s was not hit, and its process %d ended at %v; it had ended by itself before the faults, too", svc.Name, l.Pid, l.ExitedAt)
			case t.exitedDuringFaults(l):
				a.violation("%s was not hit, and its process %d ended at %v", svc.Name, l.Pid, l.ExitedAt)
			}
		}
		if found == len(a.violations)+len(a.doubts) {
			kept++
		}
	}
	a.note("%s, or ended as the policy allows (%d)", Count(kept, "service that was not hit kept its process", "services that were not hit kept their process"), ended)
	return a
}
