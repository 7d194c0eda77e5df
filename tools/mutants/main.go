// Mutants changes one operator of the code at a time and runs what must notice it:
// the tests of the package and, if they pass, the simulator's tests and its search. It prints
// the mutants that survive and a score for each package; one that is known to change
// nothing (equivalent.txt) does not count.
//
//	bin/mutants [-cpu 5s] [-every 1] [-from 0] [-match TEXT] PACKAGE...
//
// The mutations are those of gremlins, which runs either the tests of the package or
// those of the whole module, and so cannot measure a package that another one tests.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	r := runner{}
	flag.DurationVar(&r.limit, "cpu", 5*time.Second, "how much processor time the simulator may spend on one mutant")
	flag.IntVar(&r.every, "every", 1, "take one of so many mutants")
	flag.IntVar(&r.from, "from", 0, "begin with this one")
	flag.StringVar(&r.match, "match", "", "take only those whose name has this in it: a file, a function")
	flag.Parse()
	if err := r.run(flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

// runner runs mutants.
type runner struct {
	limit       time.Duration
	every, from int
	match       string
	root        string
	equivalent  map[string]string // by name: the reason
}

func (r *runner) run(packages []string) (err error) {
	if r.root, err = filepath.Abs("."); err != nil {
		return err
	}
	if r.equivalent, err = equivalents("tools/mutants/equivalent.txt"); err != nil {
		return err
	}
	for _, dir := range packages {
		if err := r.score(filepath.Clean(dir)); err != nil {
			return err
		}
	}
	return nil
}

// score runs the mutants of one package.
func (r *runner) score(dir string) error {
	all, err := mutate(r.root, dir)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(m mutant) bool { return !strings.Contains(m.name, r.match) })
	count := map[verdict]int{}
	begun := time.Now()
	for i := r.from; i < len(all); i += r.every {
		m := all[i]
		v, err := r.try(m)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		if v == survived && r.equivalent[m.name] != "" {
			v = equivalent
		}
		if count[v]++; v == survived {
			fmt.Printf("survives: %s\n", m.name)
		}
	}
	killed := count[byTests] + count[bySearch]
	fmt.Printf("%s: %d mutants, %d killed (%d by its tests, %d by the simulator), %d survive, %d equivalent, %d do not compile: %.1f %% in %v\n", dir,
		killed+count[survived], killed, count[byTests], count[bySearch], count[survived], count[equivalent], count[invalid],
		100*float64(killed)/float64(max(1, killed+count[survived])), time.Since(begun).Round(time.Second))
	return nil
}
