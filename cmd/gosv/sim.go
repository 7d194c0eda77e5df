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

const simHelp = `Play this supervisor, as it is, on a simulated Linux, and hold it to its invariants.

  gosv sim --seed 7                          one run: what happened, and its hash
  gosv sim --seeds 100000                    many, on all processors
  gosv sim --replay FILE --timeline run.html play a failure again, and draw it
  gosv sim --plan FILE --config services.json  what a plan of gosv chaos does

A seed that breaks an invariant is shrunk and written to gosv-sim-SEED.txt, a plan
to gosv-sim-plan.txt, which --replay plays again. What one run prints depends on nothing but the seed.
Statuses: 0 nothing is broken, 1 an invariant is, 2 usage, 74 the output could not be written.`

// planted is a bug that a test gives the supervisor, to see that it is found.
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

// status is that of a run, unless nobody could read it.
func (p *printer) status(of error) error {
	if p.err == nil {
		return of
	}
	fmt.Fprintf(os.Stderr, "gosv: the run was played, but what it showed could not be written: %v\n", p.err)
	return statusOutput
}

// played are the flags that say what is played.
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
				return errors.New("say what is to be played: --seed N, --seeds N, --replay FILE or --plan FILE")
			}
			if err := opt.validate(cmd.Flags().Changed); err != nil {
				return err
			}
			return opt.out.status(opt.play())
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.Uint64Var(&opt.seed, "seed", 0, "play this one `seed` and print its trace")
	f.StringVar(&opt.replay, "replay", "", "play the recording in this `file`")
	f.StringVar(&opt.plan.file, "plan", "", "play the plan of gosv chaos in this `file`")
	f.StringVar(&opt.plan.config, "config", "", "with --plan: to the services of this `file`")
	f.IntVar(&opt.plan.testprocs, "testprocs", defaultTestprocs, "with --plan: to that many bundled services")
	f.BoolVar(&opt.plan.allowGiveUp, "allow-give-up", false, "with --plan: also where max_restarts would be exceeded")
	f.IntVar(&opt.seeds, "seeds", 0, "play so `many` seeds")
	f.Uint64Var(&opt.from, "from", 1, "with --seeds: the first `seed`")
	f.StringVar(&opt.timeline, "timeline", "", "draw the run into this `file`, .svg or .html")
	f.StringVar(&opt.trace, "trace", "", "write the trace into this `file` instead of printing it")
	exclusive(c, played, []string{"config", "testprocs"})
	return c
}

// play plays what was asked for.
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

// validate finds what flags cannot say for themselves.
func (o simOptions) validate(given func(flag string) bool) error {
	kind := filepath.Ext(o.timeline)
	switch {
	case o.timeline != "" && kind != ".svg" && kind != ".html":
		return fmt.Errorf("--timeline %s: the file's name must end in .svg or .html", o.timeline)
	case given("seeds") && o.seeds < 1:
		return fmt.Errorf("--seeds is %d: give the number of seeds to play, at least 1", o.seeds)
	case o.trace == "-" || o.timeline == "-":
		return errors.New("--trace and --timeline need the name of a file; a trace is printed if --trace is not given")
	case o.trace != "" && o.timeline != "" && isOneFile(o.trace, o.timeline):
		return fmt.Errorf("--trace and --timeline have one file, %s", o.trace)
	case given("replay") && o.replay == "":
		return errors.New("--replay has no file: give the name of a recording, or - for standard input")
	case given("plan") && o.plan.file == "":
		return errors.New("--plan has no file: give the name of a plan of gosv chaos")
	case o.seeds > 0 && o.from+uint64(o.seeds) < o.from:
		return fmt.Errorf("--from %d leaves less than %d seeds: the last is %d", o.from, o.seeds, uint64(math.MaxUint64)-1)
	case given("from") && o.seeds == 0:
		return errors.New("--from goes with --seeds; one seed is played by --seed")
	case o.seeds > 0 && (o.timeline != "" || o.trace != ""):
		return errors.New("--timeline and --trace are of one run: use them with --seed, --replay or --plan")
	}
	return o.plan.validate()
}

// playSeed plays one seed; if it breaks an invariant, the failure is kept.
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
		return fmt.Errorf("--replay %s: it is longer than %d MiB, which no recording is", o.replay, most>>20)
	}
	s, r, err := sim.Replay(string(text))
	if err != nil {
		return fmt.Errorf("--replay %s: %w", o.replay, err)
	}
	return o.show(s, r)
}

// show prints a run. Nothing in it depends on the machine, the time or the process.
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

// record plays a seed and gives what it takes to play it again.
func record(seed uint64) sim.Recording {
	s, choices := sim.FromSeed(seed)
	s.Plant = planted
	rec, _ := sim.RecordScenario(s, choices)
	return rec
}

// shrinkRuns bounds how long a failure is made smaller.
const shrinkRuns = 3000

// keepSeed keeps what a seed breaks.
func keepSeed(seed uint64) (string, error) {
	return keep(record(seed), fmt.Sprint(seed), fmt.Sprintf("gosv sim --seed %d", seed))
}

// keep shrinks what a run breaks, writes it to a file in the working directory, and
// says so.
func keep(rec sim.Recording, of, found string) (string, error) {
	small := rec.Shrink(shrinkRuns)
	name := fmt.Sprintf("gosv-sim-%s.txt", of)
	shrunk := fmt.Sprintf("shrunk from %d operations (services, actions and choices) to %d", rec.Operations(), small.Operations())
	text := small.File(name, fmt.Sprintf("found by: %s; %s", found, shrunk))
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		return "", fmt.Errorf("cannot keep the failure of %s: %w", found, err)
	}
	return fmt.Sprintf("%s; play it: gosv sim --replay %s", shrunk, name), nil
}
