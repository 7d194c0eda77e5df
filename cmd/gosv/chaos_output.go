package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/gosv/gosv/chaos/report"
)

// writers write the kinds of reports.
var writers = map[string]func(report.Result) []byte{
	"json": report.EncodeJSON, "junit": report.EncodeJUnit, "markdown": report.Markdown, "svg": report.SVG,
}

func kinds() []string { return slices.Sorted(maps.Keys(writers)) }

// output is a report that is to be written.
type output struct{ kind, file string }

// reports are the values of --report, which may be repeated: KIND=FILE, separated by commas.
type reports []output

// Set implements pflag.Value.
func (r *reports) Set(text string) error {
	for word := range strings.SplitSeq(text, ",") {
		kind, file, found := strings.Cut(word, "=")
		if !found {
			return fmt.Errorf("%q names no file: write KIND=FILE", word)
		}
		*r = append(*r, output{kind, file})
	}
	return nil
}

// Type implements pflag.Value.
func (r *reports) Type() string { return "KIND=FILE" }

func (r *reports) String() string {
	var words []string
	for _, o := range *r {
		words = append(words, o.kind+"="+o.file)
	}
	return strings.Join(words, ",")
}

// check finds unknown kinds and files that cannot be written.
func (r reports) check() error {
	var errs []error
	files := map[string]string{}
	for _, o := range r {
		first, twice := files[o.kind]
		files[o.kind] = o.file
		switch {
		case writers[o.kind] == nil:
			errs = append(errs, fmt.Errorf("--report: unknown kind %q: use %s", o.kind, strings.Join(kinds(), ", ")))
		case twice:
			errs = append(errs, fmt.Errorf("--report: %s is given twice, as %s and as %s", o.kind, first, o.file))
		case o.file == "":
			errs = append(errs, fmt.Errorf("--report: %s has no file: write %s=FILE", o.kind, o.kind))
		default:
			if err := writable(o.file); err != nil {
				errs = append(errs, fmt.Errorf("--report %s: %w", o.kind, err))
			}
		}
	}
	return errors.Join(errs...)
}

// outputs checks the files that are to be written before the run, not after it. Two
// outputs must not share a file.
func (o chaosOptions) outputs() error {
	errs := []error{o.reports.check()}
	if o.planOut != "" {
		if err := writable(o.planOut); err != nil {
			errs = append(errs, fmt.Errorf("--plan-out: %w", err))
		}
	}
	all := []output{{"--plan-out", o.planOut}, {"--trace", o.trace}}
	for _, r := range o.reports {
		all = append(all, output{"--report " + r.kind, r.file})
	}
	for i, one := range all {
		for _, two := range all[:i] {
			if one.file != "" && one.kind != two.kind && isOneFile(one.file, two.file) {
				errs = append(errs, fmt.Errorf("%s and %s name the same file, %s", two.kind, one.kind, one.file))
			}
		}
	}
	return errors.Join(errs...)
}

// isOneFile reports whether two names are one regular file, which may not exist yet.
func isOneFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		a, errA := filepath.Abs(a)
		b, errB := filepath.Abs(b)
		return a == b && errA == nil && errB == nil
	}
	two, err := os.Stat(b)
	return err == nil && os.SameFile(one, two) && one.Mode().IsRegular()
}

// write writes the requested reports, and prints the table. If something cannot be written,
// the run fails, and the other reports are written again with that result.
func (o chaosOptions) write(r report.Result) (exitStatus, error) {
	err := o.writeReports(r)
	if err != nil {
		r = spoilt(r, err)
		_ = o.writeReports(r)
	}
	if _, printing := os.Stdout.Write(o.printed(r)); printing != nil {
		err = errors.Join(err, printing)
		r = spoilt(r, err)
		_ = o.writeReports(r)
	}
	return exitStatus(r.Status), err
}

// printed is what stdout shows. Under GitHub Actions it begins with annotations.
func (o chaosOptions) printed(r report.Result) []byte {
	var text []byte
	if os.Getenv("GITHUB_ACTIONS") == "true" {
		text = report.Annotations(r)
	}
	if o.quiet {
		return append(text, report.Quiet(r)...)
	}
	return append(text, report.Table(r)...)
}

// spoilt returns the result of a run in which chaos itself failed.
func spoilt(r report.Result, err error) report.Result {
	r.Status = max(r.Status, int(chaosBroken))
	if r.History.Aborted == "" {
		r.History.Aborted = err.Error()
	}
	return r
}

func (o chaosOptions) writeReports(r report.Result) error {
	var errs []error
	for _, out := range o.reports {
		if err := writeFile(out.file, writers[out.kind](r)); err != nil {
			errs = append(errs, fmt.Errorf("--report %s: %w", out.kind, err))
		}
	}
	return errors.Join(errs...)
}

// writeFile writes a file or a named pipe. A pipe without a reader is an error. After an
// error no partial file remains.
func writeFile(name string, text []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|syscall.O_NONBLOCK, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Close()); err != nil {
		if info, fail := os.Lstat(name); fail == nil && info.Mode().IsRegular() {
			err = errors.Join(err, os.Remove(name))
		}
	}
	return err
}

// writable says why a file could not be written.
func writable(name string) error {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return err
		}
		return errors.Join(file.Close(), os.Remove(name))
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a directory", name)
	case !info.Mode().IsRegular():
		return nil // opening a pipe would wait for its reader
	}
	file, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return file.Close()
}
