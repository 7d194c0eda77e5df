package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gosv/gosv/sim"
	"github.com/gosv/gosv/sim/timeline"
	"github.com/gosv/gosv/supervisor"
)

const simHelp = `Run this supervisor, unchanged, on a simulated Linux kernel and check its invariants.

  gosv sim --seed 7                          one run: its trace and its hash
  gosv sim --seeds 100000                    many runs, on all processors
  gosv sim --replay FILE --timeline run.html replay a failure and draw it
  gosv sim --plan FILE --config services.json  replay a plan of gosv chaos

A run that violates an invariant is shrunk and written to gosv-sim-SEED.txt (of a
plan: gosv-sim-plan.txt) for --replay. The output of one run depends on its seed only.
Exit status: 0 no violation, 1 a violation, 2 usage, 74 cannot write the output.`

// planted is a deliberate bug that a test gives the supervisor.
var planted func(*supervisor.Options)

// simOptions are the flags of gosv sim.
type simOptions struct {
	seed, from      uint64
	seeds           int
	replay          string
	timeline, trace string
	plan            planOptions
	out             *printer
}

// printer writes to standard output, and keeps the first error.
type printer struct{ err error }

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Printf(format, args...)
	}
}

// status is the exit status of a run whose output was written.
func (p *printer) status(of error) error {
	if p.err == nil {
		return of
	}
	fmt.Fprintf(os.Stderr, "gosv: cannot write the output of the run: %v\n", p.err)
	return statusOutput
}

// played are the flags that choose what is run; one of them is needed.
var played = []string{"seed", "replay", "seeds", "plan"}

func simCommand() *cobra.Command {
	opt := simOptions{out: &printer{}}
	c := &cobra.Command{
		Use:   "sim",
		Short: "Search the supervisor for bugs on a simulated Linux",
		Long:  simHelp,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("sim takes no argument %q; a file to replay goes with --replay", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			opt.plan.given = cmd.Flags().Changed
			if !slices.ContainsFunc(played, cmd.Flags().Changed) {
				return errors.New("sim needs one of --seed N, --seeds N, --replay FILE, --plan FILE")
			}
			if err := opt.validate(cmd.Flags().Changed); err != nil {
				return err
			}
			return opt.out.status(opt.play())
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.Uint64Var(&opt.seed, "seed", 0, "run this one `seed` and print its trace")
	f.StringVar(&opt.replay, "replay", "", "replay the recording in this `file`")
	f.StringVar(&opt.plan.file, "plan", "", "run the plan of gosv chaos in this `file`")
	f.StringVar(&opt.plan.config, "config", "", "with --plan: on the services of this `file`")
	f.IntVar(&opt.plan.services, "services", defaultServices, "with --plan: use `N` built-in services")
	f.BoolVar(&opt.plan.allowGiveUp, "allow-give-up", false, "with --plan: also inject faults that exceed max_restarts")
	f.IntVar(&opt.seeds, "seeds", 0, "run this `number` of seeds")
	f.Uint64Var(&opt.from, "from", 1, "with --seeds: the first `seed`")
	f.StringVar(&opt.timeline, "timeline", "", "draw the run to this `file`, .svg or .html")
	f.StringVar(&opt.trace, "trace", "", "write the trace to this `file` instead of printing it")
	exclusive(c, played, []string{"config", "services"})
	return c
}

// play runs what the flags ask for.
func (o simOptions) play() error {
	switch {
	case o.replay != "":
		return o.playFile()
	case o.seeds > 0:
		return o.search()
	case o.plan.file != "":
		return o.playPlan()
	}
	return o.playSeed()
}

// validate finds combinations of flags that make no sense.
func (o simOptions) validate(given func(flag string) bool) error {
	kind := filepath.Ext(o.timeline)
	switch {
	case o.timeline != "" && kind != ".svg" && kind != ".html":
		return fmt.Errorf("--timeline %s: the file's name must end in .svg or .html", o.timeline)
	case given("seeds") && o.seeds < 1:
		return fmt.Errorf("--seeds is %d: use a number of at least 1", o.seeds)
	case o.trace == "-" || o.timeline == "-":
		return errors.New("--trace and --timeline need the name of a file; a trace is printed if --trace is not given")
	case o.trace != "" && o.timeline != "" && isOneFile(o.trace, o.timeline):
		return fmt.Errorf("--trace and --timeline name the same file, %s: give each its own", o.trace)
	case given("replay") && o.replay == "":
		return errors.New("--replay needs the name of a recording, or - for standard input")
	case given("plan") && o.plan.file == "":
		return errors.New("--plan needs the name of a plan of gosv chaos")
	case o.seeds > 0 && o.from+uint64(o.seeds) < o.from:
		return fmt.Errorf("--from %d leaves less than %d seeds: the last is %d", o.from, o.seeds, uint64(math.MaxUint64)-1)
	case given("from") && o.seeds == 0:
		return errors.New("--from goes with --seeds; use --seed N for one seed")
	case o.seeds > 0 && (o.timeline != "" || o.trace != ""):
		return errors.New("--timeline and --trace belong to one run: use them with --seed, --replay or --plan")
	}
	return o.plan.validate()
}

// playSeed runs one seed and keeps a failure.
func (o simOptions) playSeed() error {
	rec := record(o.seed)
	if err := o.show(rec.Scenario, rec.RunTraced()); err == nil || !errors.Is(err, statusFailed) {
		return err
	}
	kept, err := keepSeed(o.seed)
	if err != nil {
		return err
	}
	o.out.printf("%s\n", kept)
	return statusFailed
}

func (o simOptions) playFile() error {
	const most = 16 << 20
	text, err := readUpTo(o.replay, most+1)
	if err != nil {
		return fmt.Errorf("--replay: %w", err)
	}
	if len(text) > most {
		return fmt.Errorf("--replay %s: the file is longer than %d MiB, so it is no recording", o.replay, most>>20)
	}
	s, r, err := sim.Replay(string(text))
	if err != nil {
		return fmt.Errorf("--replay %s: %w", o.replay, err)
	}
	return o.show(s, r)
}

// show prints a run. The output does not depend on the machine or the time.
func (o simOptions) show(s sim.Scenario, r *sim.Report) error {
	o.out.printf("%v\n", s)
	if o.trace == "" {
		o.out.printf("%s\n", r.Trace)
	} else if err := os.WriteFile(o.trace, []byte(r.Trace), 0o644); err != nil {
		return fmt.Errorf("--trace: %w", err)
	}
	if o.timeline != "" {
		draw := timeline.SVG
		if filepath.Ext(o.timeline) == ".html" {
			draw = timeline.HTML
		}
		if err := os.WriteFile(o.timeline, draw(r.Timeline), 0o644); err != nil {
			return fmt.Errorf("--timeline: %w", err)
		}
	}
	o.out.printf("%s\nhash %016x, %d steps, %v simulated\n", r.Found(), r.Hash, r.Steps, r.Time)
	if r.Failed() {
		return statusFailed
	}
	return nil
}

// record runs a seed and returns its recording.
func record(seed uint64) sim.Recording {
	s, choices := sim.FromSeed(seed)
	s.Plant = planted
	rec, _ := sim.RecordScenario(s, choices)
	return rec
}

// shrinkRuns is how many runs a failure is shrunk for, at most.
const shrinkRuns = 3000

// keepSeed keeps the failure of a seed.
func keepSeed(seed uint64) (string, error) {
	return keep(record(seed), fmt.Sprint(seed), fmt.Sprintf("gosv sim --seed %d", seed))
}

// keep shrinks a failing run, writes it to a file in the working directory and
// returns a line about it.
func keep(rec sim.Recording, of, found string) (string, error) {
	small := rec.Shrink(shrinkRuns)
	name := fmt.Sprintf("gosv-sim-%s.txt", of)
	shrunk := fmt.Sprintf("shrunk from %d operations (services, actions and choices) to %d", rec.Operations(), small.Operations())
	text := small.File(name, fmt.Sprintf("found by: %s; %s", found, shrunk))
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		return "", fmt.Errorf("cannot write the failure of %s: %w", found, err)
	}
	return fmt.Sprintf("%s; replay it: gosv sim --replay %s", shrunk, name), nil
}
