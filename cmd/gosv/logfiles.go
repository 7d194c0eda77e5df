package main

import (
	"fmt"
	"path/filepath"
	"sync"

	"github.com/gosv/gosv/internal/english"
	"github.com/gosv/gosv/logs"
)

// logFiles are the files in log_dir, one for each service.
type logFiles struct {
	dir     string
	lineMax int
	outputs *outputs

	mu    sync.Mutex
	files map[string]*logFile
}

type logFile struct {
	*logs.Destination
	file *logs.File
}

// openLogFiles opens the files of all services; without log_dir there are none.
func openLogFiles(p plan, o *outputs) (*logFiles, error) {
	dir := p.file.LogDir
	if dir == "" {
		return nil, nil
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(p.dir, dir)
	}
	l := &logFiles{dir: dir, lineMax: p.file.LineMax, outputs: o, files: map[string]*logFile{}}
	for _, s := range p.file.Services {
		if _, err := l.of(s.Name); err != nil {
			return nil, fmt.Errorf("cannot open the log file of service %q: %w", s.Name, err)
		}
	}
	return l, nil
}

// of returns the log file of a service. A later Write tries again what cannot be opened.
func (l *logFiles) of(service string) (*logFile, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f := l.files[service]; f != nil {
		return f, nil
	}
	path := filepath.Join(l.dir, service+".log")
	file, err := logs.OpenFile(path)
	f := &logFile{file: file, Destination: logs.NewDestination(file, logs.Options{
		LineMax: l.lineMax, OnFailure: logFailure(l.outputs.log, fmt.Sprintf("the output of service %q is", service), path),
	})}
	l.files[service] = f
	return f, err
}

// stream returns what writes the output of one start of a service.
func (l *logFiles) stream(service string, stdout *logs.Destination) *logs.Stream {
	if l == nil {
		return stdout.NewStream(service)
	}
	f, _ := l.of(service) // a failure is logged by the first Write
	return f.NewRawStream()
}

// close writes the last output and logs how much was lost.
func (l *logFiles) close() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for service, f := range l.files {
		if lost := f.Destination.Close(flushBound); lost.LostLines > 0 {
			l.outputs.log.Warn(fmt.Sprintf("lost %s of output of service %q (%d bytes): its log file did not accept them",
				english.Count(int(lost.LostLines), "line"), service, lost.LostBytes))
		}
	}
}
