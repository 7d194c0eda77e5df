package chaos

// bystanders: a service that was not hit keeps its process until the shutdown, or
// until its own policy has it end.
func bystanders(t *trial) (a answer) {
	faults, began := t.span(Faults)
	kept, ended := 0, 0
	for _, svc := range t.Services {
		if t.wasHit(svc.Name) {
			continue
		}
		found := len(a.wrong) + len(a.unsure)
		for i, l := range t.allLivesOf(svc.Name) {
			switch reborn := i > 0 && began && l.First-l.Unseen >= faults.From; {
			case reborn && t.endedBefore(svc.Name):
				a.doubt("%s was not hit, and had a new process %d at %v; it had ended by itself before the faults, too", svc.Name, l.Pid, l.First)
			case reborn:
				a.blame("%s was not hit, and had a new process %d at %v", svc.Name, l.Pid, l.First)
			case t.amidFaults(l) && t.completes(l):
				ended++
			case t.amidFaults(l) && t.endedBefore(svc.Name):
				a.doubt("%s was not hit, and its process %d ended at %v; it had ended by itself before the faults, too", svc.Name, l.Pid, l.Gone)
			case t.amidFaults(l):
				a.blame("%s was not hit, and its process %d ended at %v", svc.Name, l.Pid, l.Gone)
			}
		}
		if found == len(a.wrong)+len(a.unsure) {
			kept++
		}
	}
	a.show("%s, or ended as the policy allows (%d)", Count(kept, "service that was not hit kept its process", "services that were not hit kept their process"), ended)
	return a
}
