package difftest

import (
	"fmt"
	"regexp"
	"strings"
)

// Known is a divergence that stays, with its reason.
type Known struct {
	Name   string // of the sequence that shows it
	Kernel *regexp.Regexp
	Fake   *regexp.Regexp
	Why    string
}

// Ledger is the list of divergences that stay. Each is a paragraph:
//
//	blocks.sequence
//	kernel: p\d+ S .*
//	fake: p\d+ D .*
//	why: a testproc only acts uninterruptible sleep
type Ledger []Known

// ParseLedger reads a ledger. What follows a # is nothing.
func ParseLedger(text string) (Ledger, error) {
	var ledger Ledger
	for i, paragraph := range strings.Split(text, "\n\n") {
		var k Known
		for line := range strings.Lines(paragraph) {
			line, _, _ = strings.Cut(strings.TrimSpace(line), "#")
			if line == "" {
				continue
			}
			if err := k.take(line); err != nil {
				return nil, fmt.Errorf("paragraph %d of the ledger: %w", i+1, err)
			}
		}
		if k == (Known{}) {
			continue
		}
		if k.Name == "" || k.Kernel == nil || k.Fake == nil || k.Why == "" {
			return nil, fmt.Errorf("paragraph %d of the ledger: it takes the name of a sequence and the lines kernel, fake and why", i+1)
		}
		ledger = append(ledger, k)
	}
	return ledger, nil
}

func (k *Known) take(line string) (err error) {
	word, rest, found := strings.Cut(line, ": ")
	switch {
	case !found:
		k.Name = line
	case word == "kernel":
		k.Kernel, err = regexp.Compile("^(" + rest + ")$")
	case word == "fake":
		k.Fake, err = regexp.Compile("^(" + rest + ")$")
	case word == "why":
		k.Why = rest
	default:
		err = fmt.Errorf("there is no line %q", word)
	}
	return err
}

// Find gives the entry that a divergence belongs to, nil if it is unlisted.
func (l Ledger) Find(d *Divergence) *Known {
	kernel, fake := d.Lines()
	for i := range l {
		if l[i].Kernel.MatchString(kernel) && l[i].Fake.MatchString(fake) {
			return &l[i]
		}
	}
	return nil
}
