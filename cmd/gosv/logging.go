package main

import (
	"fmt"
	"log/slog"
	"os"
	"syscall"
	"time"

	"github.com/gosv/gosv/internal/english"
	"github.com/gosv/gosv/logs"
	"github.com/gosv/gosv/sys/linux"
)

// flushBound is how long gosv's end waits for its last output to be written: a
// blocked terminal or pipe must not keep gosv.
const flushBound = 2 * time.Second

// outputs are the writers that gosv and its services share. stdout and stderr are
// one Destination if both descriptors lead to the same file, pipe, socket or
// terminal: two writers would mix their lines.
type outputs struct {
	stdout, stderr *logs.Destination
	log            *slog.Logger // to stderr
	history        *logs.History
	exits          *exitLog
	files          *logFiles // nil: the output of services goes to stdout
}

func newOutputs(format logs.Format, lineMax int) *outputs {
	o := &outputs{}
	o.stdout = logs.NewDestination(linux.TerminalWriter(1), logs.Options{
		Colour: logs.UseColour(linux.IsTerminal(1), os.Getenv), Terminal: linux.IsTerminal(1), LineMax: lineMax,
		OnFailure: func(err error) { logFailure(o.log, "the output of services is", "stdout")(err) },
	})
	o.stderr = o.stdout
	if !sameOpenFile(os.Stdout, os.Stderr) {
		o.stderr = logs.NewDestination(linux.TerminalWriter(2), logs.Options{Policy: logs.Drop})
	}
	o.log = logs.NewLogger(o.stderr, format)
	o.history = logs.NewHistory(logs.DefaultHistoryMax, logs.DefaultHistoryTotal)
	o.exits = newExitLog(o.log, o.history)
	return o
}

// leadingTo returns the Destination that writes to the same file; nil if none does.
func (o *outputs) leadingTo(file *os.File) *logs.Destination {
	switch {
	case sameOpenFile(file, os.Stdout):
		return o.stdout
	case sameOpenFile(file, os.Stderr):
		return o.stderr
	}
	return nil
}

// closeStdout writes the last output of services and logs how much was lost. A
// Destination that the log shares stays open for the records to come.
func (o *outputs) closeStdout() {
	lost := o.stdout.Stats()
	if o.stdout != o.stderr {
		lost = o.stdout.Close(flushBound)
	}
	if lost.LostLines > 0 {
		o.log.Warn(fmt.Sprintf("lost %s of output (%d bytes): stdout did not accept them", english.Count(int(lost.LostLines), "line"), lost.LostBytes))
	}
}

// sameOpenFile reports whether two descriptors lead to the same file, pipe, socket or
// terminal.
func sameOpenFile(a, b *os.File) bool {
	if a == nil || b == nil {
		return false
	}
	one, err := a.Stat()
	other, err2 := b.Stat()
	return err == nil && err2 == nil && os.SameFile(one, other)
}

// toJournal reports whether stderr is a stream of systemd's journal, which systemd
// names in JOURNAL_STREAM by device and inode (systemd.exec(5)).
func toJournal() bool {
	info, err := os.Stderr.Stat()
	if err != nil {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && os.Getenv("JOURNAL_STREAM") == fmt.Sprintf("%d:%d", stat.Dev, stat.Ino)
}

// logFailure returns a function that logs when output starts to get lost, and when it
// is written again.
func logFailure(log *slog.Logger, what, where string) func(error) {
	return func(err error) {
		if err != nil {
			log.Error(fmt.Sprintf("%s being lost: cannot write to %s: %v", what, where, err))
			return
		}
		log.Info(what + " written again")
	}
}

// isRegular reports whether a file keeps what is written to it. Two writers of one
// device, such as /dev/null, do no harm.
func isRegular(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&(os.ModeDevice|os.ModeCharDevice) == 0
}
