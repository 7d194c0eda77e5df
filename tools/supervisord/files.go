package supervisord

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/gosv/gosv/chaos/live"
)

// The files in the temporary directory, beside a program and an output of each service.
const (
	confFile   = "supervisord.conf"
	logFile    = "supervisord.log"
	eventsPipe = "events"  // what supervisord writes to the listener
	answerPipe = "answers" // what the listener says to supervisord
	gatePipe   = "gate"    // open for writing for as long as the gate is closed
)

// daemonConf has supervisord run in the foreground, with a listener that is two
// cats. At the end supervisord stops its groups one after the other, those of the
// highest priority number first, and a listener that is being stopped gets no
// more. So a gate stands between it and the services: a process that ends when
// [Daemon] has heard the last of them, or after gateBound.
const daemonConf = `[supervisord]
nodaemon=true
logfile=%[1]s/supervisord.log
logfile_maxbytes=0
pidfile=%[1]s/supervisord.pid
childlogdir=%[1]s

[eventlistener:events]
command=/bin/sh -c 'cat <%[1]s/answers & exec cat >%[1]s/events'
environment=%[3]s="%[4]s"
events=PROCESS_STATE
buffer_size=4096
priority=-1
startsecs=0
stopasgroup=true
killasgroup=true
stdout_logfile=NONE
stderr_logfile=NONE

[program:gate]
command=/bin/sh -c 'trap "" TERM; exec cat %[1]s/gate'
environment=%[3]s="%[4]s"
priority=0
startsecs=0
stopwaitsecs=%[2]d
autorestart=false
stdout_logfile=NONE
stderr_logfile=NONE
`

// gateBound is how long supervisord waits for the gate, in seconds.
const gateBound = 3

// serviceConf is a service. Its program is a file: supervisord's syntax has no
// quoting that every argument would survive.
const serviceConf = `
[program:%[2]s]
command=%[1]s/%[2]s.sh
environment=%[3]s="%[4]s",%[5]s="%[2]s"
autorestart=%[6]s
exitcodes=0
startsecs=%[7]d
startretries=%[8]d
stopwaitsecs=%[9]d
redirect_stderr=true
stdout_logfile=%[1]s/%[2]s.log
`

func configuration(dir, run string, services []Service) string {
	var b strings.Builder
	fmt.Fprintf(&b, daemonConf, dir, gateBound, live.MarkRun, live.Helper)
	for _, s := range services {
		fmt.Fprintf(&b, serviceConf, dir, s.Name, live.MarkRun, run, live.MarkService,
			s.autorestart(), s.StartSecs, s.StartRetries, int(s.StopWait.Seconds()))
	}
	return b.String()
}

// program is a script that becomes the service.
func program(s Service) string {
	var b strings.Builder
	b.WriteString("#!/bin/sh\n")
	for _, name := range slices.Sorted(maps.Keys(s.Env)) {
		fmt.Fprintf(&b, "export %s=%s\n", name, quote(s.Env[name]))
	}
	b.WriteString("exec " + quote(s.Path))
	for _, arg := range s.Args {
		b.WriteString(" " + quote(arg))
	}
	b.WriteByte('\n')
	return b.String()
}

// quote makes one word of a text, as sh(1) reads it.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// lay writes everything that supervisord reads.
func lay(dir, run string, services []Service) error {
	for _, pipe := range []string{eventsPipe, answerPipe, gatePipe} {
		if err := syscall.Mkfifo(filepath.Join(dir, pipe), 0o600); err != nil {
			return fmt.Errorf("cannot make a named pipe in %s: %w", dir, err)
		}
	}
	for _, s := range services {
		if err := os.WriteFile(filepath.Join(dir, s.Name+".sh"), []byte(program(s)), 0o700); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, confFile), []byte(configuration(dir, run, services)), 0o600)
}

// unknownFiles lists files in the directory that supervisord or a service left.
func unknownFiles(dir string, services []Service) (names []string) {
	known := []string{confFile, logFile, eventsPipe, answerPipe, gatePipe}
	for _, s := range services {
		known = append(known, s.Name+".sh", s.Name+".log")
	}
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if !slices.Contains(known, e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names
}
