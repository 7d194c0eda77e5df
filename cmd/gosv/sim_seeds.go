package main

import (
	"cmp"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/gosv/gosv/sim"
	"github.com/gosv/gosv/sys/linux"
)

// broken is an invariant that some seeds violate.
type broken struct {
	rule, text string
	seeds      int
	first      uint64 // the lowest
}

// search is the state of a search over many seeds.
type search struct {
	sync.Mutex
	next, end uint64 // seeds that have not been run
	played    int
	steps     int
	simulated time.Duration
	broken    map[string]*broken
	coverage  sim.Coverage
	begun     time.Time
	out       *printer
}

// search runs seeds on all processors and keeps one failure of each invariant, that
// of the lowest seed.
func (o simOptions) search() error {
	s := &search{next: o.from, end: o.from + uint64(o.seeds), broken: map[string]*broken{}, begun: time.Now(), out: o.out}
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(s.work)
	}
	done := make(chan struct{})
	go func() {
		workers.Wait()
		close(done)
	}()
	s.report(done)
	fmt.Fprintln(os.Stderr, s.progress())
	return s.conclude()
}

// work runs seeds until none is left.
func (s *search) work() {
	for {
		s.Lock()
		seed, any := s.next, s.next < s.end
		if any {
			s.next++
		}
		s.Unlock()
		if !any {
			return
		}
		scenario, choices := sim.FromSeed(seed)
		scenario.Plant = planted
		s.add(seed, scenario.Run(choices))
	}
}

func (s *search) add(seed uint64, r *sim.Report) {
	s.Lock()
	defer s.Unlock()
	s.played++
	s.steps += r.Steps
	s.simulated += r.Time
	s.coverage.Add(r)
	if !r.Failed() {
		return
	}
	b := s.broken[r.Rule()]
	if b == nil {
		b = &broken{rule: r.Rule(), first: seed}
		s.broken[b.rule] = b
	}
	if b.seeds++; seed <= b.first {
		b.first, b.text = seed, r.Violations[0]
	}
}

// report prints the progress: on a terminal as one line that changes, else a line
// every ten seconds.
func (s *search) report(done chan struct{}) {
	every, begin := 10*time.Second, ""
	if linux.IsTerminal(2) {
		every, begin = time.Second, "\r\033[K"
	}
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	for {
		select {
		case <-done:
			fmt.Fprint(os.Stderr, begin)
			return
		case <-ticks.C:
			text := s.progress()
			if fmt.Fprint(os.Stderr, begin, text); begin == "" {
				fmt.Fprintln(os.Stderr)
			}
		}
	}
}

// progress is how far the search is and how fast.
func (s *search) progress() string {
	s.Lock()
	defer s.Unlock()
	took := max(time.Since(s.begun).Seconds(), 1e-3)
	failing := 0
	for _, b := range s.broken {
		failing += b.seeds
	}
	return fmt.Sprintf("%d seeds, %d of them failing; %.0f seeds/s, %.2f million steps/s, %.0f simulated hours (%.0f in a second)",
		s.played, failing, float64(s.played)/took, float64(s.steps)/took/1e6, s.simulated.Hours(), s.simulated.Hours()/took)
}

// conclude keeps and prints the failures.
func (s *search) conclude() error {
	s.out.printf("%v", &s.coverage)
	if len(s.broken) == 0 {
		s.out.printf("%d seeds: no invariant was violated\n", s.played)
		return nil
	}
	var all []*broken
	for _, b := range s.broken {
		all = append(all, b)
	}
	slices.SortFunc(all, func(a, b *broken) int { return cmp.Compare(a.first, b.first) })
	for _, b := range all {
		kept, err := keepSeed(b.first)
		if err != nil {
			return err
		}
		s.out.printf("seed %d, the first of %d: %s\n  %s\n", b.first, b.seeds, b.text, kept)
	}
	return statusFailed
}
