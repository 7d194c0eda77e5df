package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/chaos/live"
	"github.com/gosv/gosv/chaos/report"
	"github.com/gosv/gosv/sys/linux"
)

func readBaseline(name string) (*report.JSON, error) {
	if name == "" {
		return nil, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("--baseline: %w", err)
	}
	baseline, err := report.DecodeJSON(text)
	if err == nil && len(baseline.Verdicts) == 0 {
		err = errors.New("it has no verdicts: use a file that --report json wrote")
	}
	if err != nil {
		return nil, fmt.Errorf("--baseline: %s: %w", name, err)
	}
	return baseline, nil
}

// again returns the command that repeats this run. It leaves out the flags that write files.
func (o chaosOptions) again(seed uint64) string {
	var words []string
	writes := false // the word before was a flag that names a file, and this is its value
	for _, word := range os.Args {
		name, _, whole := strings.Cut(word, "=")
		if value := writes; value || name == "--report" || name == "--plan-out" {
			writes = !value && !whole
			continue
		}
		if strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=,:") != "" || word == "" {
			word = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		words = append(words, word)
	}
	if !o.given("seed") && !o.given("plan") {
		words = append(words, fmt.Sprintf("--seed=%d", seed))
	}
	return strings.Join(words, " ")
}

// progress shows the progress of a run: one line that is overwritten on a terminal, and
// lines elsewhere.
type progress struct {
	quiet    bool
	terminal bool
	phase    chaos.Phase
	shown    time.Time
	open     bool // the line on the terminal is not finished
}

// linePause is the time between two lines outside a terminal.
const linePause = 10 * time.Second

func newProgress(quiet bool) *progress {
	return &progress{quiet: quiet, terminal: linux.IsTerminal(2)}
}

func (p *progress) show(s live.Progress) {
	if p.quiet || !p.terminal && s.Phase == p.phase && time.Since(p.shown) < linePause {
		return
	}
	p.phase, p.shown = s.Phase, time.Now()
	line := fmt.Sprintf("chaos: %s", s.Phase)
	switch {
	case s.Phase == chaos.Faults:
		line += fmt.Sprintf(", %v of %v: %d of %d faults injected, %d skipped", s.At.Round(time.Second), s.Until, s.Done, s.Planned, s.Skipped)
	case s.Waiting != "":
		line += ": " + s.Waiting
	}
	if p.terminal {
		fmt.Fprintf(os.Stderr, "\r\x1b[K%.100s", line)
		p.open = true
		return
	}
	fmt.Fprintln(os.Stderr, line)
}

func (p *progress) end() {
	if p.open {
		fmt.Fprintln(os.Stderr)
	}
}
