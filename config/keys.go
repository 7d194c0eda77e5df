package config

import (
	"fmt"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/gosv/gosv/internal/signame"
)

// Bounds that are the kernel's, or that keep sums and products far from
// overflow.
const (
	longest      = 8760 * time.Hour // a year
	mebibyte     = int64(1) << 20
	maxMemoryMB  = 1 << 30   // a pebibyte
	maxPids      = 4_194_304 // PID_MAX_LIMIT, include/linux/threads.h
	maxCPU       = 409_600   // 4096 CPUs
	pathMax      = 4095      // PATH_MAX without the NUL, include/uapi/linux/limits.h
	socketMax    = 93        // a path of unix(7), with room for the name that the socket has while it is made
	argStringMax = 131_071   // MAX_ARG_STRLEN without the NUL, include/uapi/linux/binfmts.h
)

// tables are the keys of each object. A loader carries them because a hint for
// a key in one object looks into the tables of the others.
type tables struct {
	file    []key[File]
	service []key[Service]
	backoff []key[Backoff]
}

func newTables() tables {
	return tables{titled(fileKeys()), titled(serviceKeys()), titled(backoffKeys())}
}

func titled[T any](keys []key[T]) []key[T] {
	for i := range keys {
		keys[i].title = strconv.Quote(keys[i].name)
	}
	return keys
}

func fileKeys() []key[File] {
	return []key[File]{
		{name: "$schema", read: func(l *loader, v value, _ *File) { l.str(v, "a string", nil) }},
		{name: "cgroup", read: oneOf([]CgroupMode{CgroupAuto, CgroupOff, CgroupRequire}, func(f *File) *CgroupMode { return &f.Cgroup })},
		{name: "line_max", read: size(1<<10, 1<<20, func(f *File) *int { return &f.LineMax })},
		{name: "log_dir", read: line(1, pathMax, func(f *File) *string { return &f.LogDir })},
		{name: "socket", read: line(1, socketMax, func(f *File) *string { return &f.Socket })},
		{name: "socket_group", read: line(1, 32, func(f *File) *string { return &f.SocketGroup })},
		{name: "services", required: true, read: (*loader).services},
	}
}

func serviceKeys() []key[Service] {
	return append([]key[Service]{
		{name: "name", required: true, read: (*loader).serviceName},
		{name: "command", required: true, read: (*loader).command},
		{name: "args", read: (*loader).args},
		{name: "dir", read: (*loader).dir},
		{name: "env", read: (*loader).env},
		{name: "restart", read: oneOf([]Restart{RestartAlways, RestartOnFailure, RestartNever}, func(s *Service) *Restart { return &s.Restart })},
		{name: "max_restarts", read: integer(Unlimited, 1_000_000, 1, func(s *Service) *int { return &s.MaxRestarts })},
		{name: "backoff", read: (*loader).backoff},
		{name: "stop_signal", read: (*loader).stopSignal},
		{name: "stop_timeout", read: duration(0, longest, func(s *Service) *time.Duration { return &s.StopTimeout })},
		{name: "start_timeout", read: duration(time.Millisecond, longest, func(s *Service) *time.Duration { return &s.StartTimeout })},
		{name: "memory_mb", read: integer(1, maxMemoryMB, mebibyte, func(s *Service) *int64 { return &s.Limits.MemoryMax })},
		{name: "memory_high_mb", read: integer(1, maxMemoryMB, mebibyte, func(s *Service) *int64 { return &s.Limits.MemoryHigh })},
		{name: "memory_swap_mb", read: (*loader).swap},
		{name: "cpu_percent", read: integer(1, maxCPU, 1, func(s *Service) *int { return &s.Limits.CPUPercent })},
		{name: "cpu_weight", read: integer(1, 10_000, 1, func(s *Service) *int { return &s.Limits.CPUWeight })},
		{name: "pids_max", read: integer(1, maxPids, 1, func(s *Service) *int { return &s.Limits.PidsMax })},
		{name: "cpuset", read: (*loader).cpuset},
		{name: "io_weight", read: integer(1, 10_000, 1, func(s *Service) *int { return &s.Limits.IOWeight })},
		{name: "autostart", read: func(l *loader, v value, s *Service) {
			boolean(func(s *Service) *bool { return &s.Manual })(l, v, s)
			s.Manual = v.kind() == jsontext.KindFalse
		}},
		{name: "instances", read: (*loader).instances},
		{name: "essential", read: boolean(func(s *Service) *bool { return &s.Essential })},
		{name: "chaos", read: func(l *loader, v value, s *Service) {
			if v.kind() != jsontext.KindTrue && v.kind() != jsontext.KindFalse {
				l.mustBe(v, "true or false", nil)
			}
			s.Spared = v.kind() == jsontext.KindFalse
		}},
	}, processKeys()...)
}

func backoffKeys() []key[Backoff] {
	return []key[Backoff]{
		{name: "initial", read: duration(0, longest, func(b *Backoff) *time.Duration { return &b.Initial })},
		{name: "factor", read: number(1, 100, func(b *Backoff) *float64 { return &b.Factor })},
		{name: "max", read: duration(0, longest, func(b *Backoff) *time.Duration { return &b.Max })},
		{name: "jitter", read: number(0, 1, func(b *Backoff) *float64 { return &b.Jitter })},
		// After zero every run would count as stable, and max_restarts would never be reached.
		{name: "reset_after", read: duration(time.Millisecond, longest, func(b *Backoff) *time.Duration { return &b.ResetAfter })},
	}
}

// swap reads memory_swap_mb; 0 means no swap, and -1 no limit.
func (l *loader) swap(v value, s *Service) {
	var mb int64
	errs := l.errors
	integer(Unlimited, maxMemoryMB, 1, func(*Service) *int64 { return &mb })(l, v, s)
	if l.errors > errs {
		return
	}
	if mb > 0 {
		mb *= mebibyte
	}
	s.Limits.MemorySwap = &mb
}

// noStop are the signals that stop or continue a process instead of ending
// it. KILL is allowed: a service may well want no grace at all.
var noStop = []string{"CONT", "STOP", "TSTP", "TTIN", "TTOU"}

// stopSignals are the names that stop_signal takes, each also with SIG.
func stopSignals() []string {
	return slices.DeleteFunc(signame.All(), func(name string) bool { return slices.Contains(noStop, name) })
}

func (l *loader) stopSignal(v value, s *Service) {
	const wanted = `the name of a signal, such as "TERM" or "SIGINT"`
	name, ok := l.str(v, wanted, signalHint)
	if !ok {
		return
	}
	signal, known := signame.Parse(name)
	switch {
	case !known:
		l.mustBe(v, wanted, signalHint)
	case slices.Contains(noStop, signame.Name(signal)):
		l.errorf(v.offset(), `%s must be a signal that ends a process; %q stops or continues one`, v.title(), name)
	default:
		s.StopSignal = signal
	}
}

// signalHint finds the name for 15, term, sigterm and SIGTREM.
func signalHint(v value) string {
	written := v.written()
	if n, err := strconv.Atoi(written); err == nil && 0 < n && n <= len(signame.All()) {
		return fmt.Sprintf("; did you mean %q?", signame.Name(syscall.Signal(n)))
	}
	names := stopSignals()
	for _, name := range stopSignals() {
		names = append(names, "SIG"+name)
	}
	return didYouMean(written, names)
}
