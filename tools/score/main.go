// Score plants every bug of the directory bugs, one at a time and without touching the
// checkout, lets the search look for it, and prints what that took: processor
// seconds of the search (nothing that compiles counts), seeds of the swarm, and what
// was found broken. It fails if a bug survives, or if the search finds anything where
// nothing is planted.
//
//	bin/score [-cpu 60s] [-run lifecycle/] [-write docs/reference/score.md]
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/gosv/gosv/bugs"
)

func main() {
	s := scorer{}
	flag.DurationVar(&s.limit, "cpu", time.Minute, "how much processor time the search may spend on one bug")
	only := flag.String("run", "", "score only bugs whose name this regular expression matches")
	write := flag.String("write", "", "write the table to this page, below its heading")
	flag.Parse()
	if err := s.run(*only, *write); err != nil {
		fmt.Fprintln(os.Stderr, "score:", err)
		os.Exit(1)
	}
}

// scorer scores bugs.
type scorer struct {
	limit time.Duration
	root  string
	table table
}

func (s *scorer) run(only, write string) error {
	which, err := regexp.Compile(only)
	if err != nil {
		return fmt.Errorf("-run is no regular expression: %w", err)
	}
	if s.root, err = filepath.Abs("."); err != nil {
		return err
	}
	all, err := bugs.Load("bugs")
	if err != nil {
		return err
	}
	if err := s.alarm(only == ""); err != nil {
		return err
	}
	for _, b := range all {
		if !which.MatchString(b.Name) || b.Equivalent != "" {
			continue
		}
		row, err := s.score(b)
		if err != nil {
			return err
		}
		fmt.Println(row)
		s.table = append(s.table, row)
	}
	fmt.Print("\n", s.table.summary())
	if write != "" {
		if err := s.table.write(write, all); err != nil {
			return err
		}
	}
	return s.table.survivors()
}

// alarm proves that the search can be believed: it finds the canary at once and,
// which takes all the time that a bug has, nothing where nothing is planted.
func (s *scorer) alarm(silence bool) error {
	if silence {
		sound, err := s.score(bugs.Bug{Name: "lifecycle/nothing"})
		if err != nil {
			return err
		}
		if sound.Broken != "" {
			return fmt.Errorf("the search finds something where nothing is planted: %s: %s", sound.CaughtBy, sound.Broken)
		}
	}
	canary, err := bugs.Canary("bugs")
	if err != nil {
		return err
	}
	row, err := s.score(canary)
	if err != nil {
		return err
	}
	if row.Broken == "" || row.Runs > 100 {
		return fmt.Errorf("the alarm is broken: the canary (%s) sings after %d runs", canary.Description, row.Runs)
	}
	return nil
}
