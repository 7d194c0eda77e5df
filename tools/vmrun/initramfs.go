package main

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// job is what the guest is to run. It is stored as JSON in the initramfs.
type job struct {
	Args []string
	Env  []string
	Dir  string
	Init bool // execute it as the first process
}

// workDir is the guest's directory of the program and its testdata.
const workDir = "/test"

func newJob(words []string, asInit bool) job {
	program := workDir + "/" + filepath.Base(words[0])
	if strings.HasPrefix(words[0], "guest:") { // a file of -add
		program = strings.TrimPrefix(words[0], "guest:")
	}
	j := job{Args: []string{program}, Dir: workDir, Init: asInit}
	for _, arg := range words[1:] {
		if strings.HasPrefix(arg, "-test.testlogfile=") || strings.HasPrefix(arg, "-test.gocoverdir=") {
			continue // paths of the host
		}
		j.Args = append(j.Args, arg)
	}
	for _, variable := range os.Environ() {
		if strings.HasPrefix(variable, "GOSV_") || strings.HasPrefix(variable, "GOTRACEBACK=") || strings.HasPrefix(variable, "GODEBUG=") {
			j.Env = append(j.Env, variable)
		}
	}
	return j
}

// writeInitramfs packs what the guest needs.
func (m machine) writeInitramfs(to string, words []string) error {
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	defer file.Close()
	if m.init == "" {
		if m.init, err = os.Executable(); err != nil {
			return err
		}
	}
	a := &archive{w: file, made: map[string]bool{}}
	a.copy("init", m.init)
	if !strings.HasPrefix(words[0], "guest:") {
		a.copy(strings.TrimPrefix(workDir, "/")+"/"+filepath.Base(words[0]), words[0])
	}
	a.copyTree(strings.TrimPrefix(workDir, "/")+"/testdata", "testdata")
	for _, add := range m.add {
		guestPath, hostPath, _ := strings.Cut(add, "=")
		a.copy(strings.TrimPrefix(guestPath, "/"), hostPath)
	}
	text, err := json.Marshal(newJob(words, m.asInit))
	if err != nil {
		return err
	}
	a.put("job.json", 0o100644, text)
	a.put("TRAILER!!!", 0, nil)
	if a.err != nil {
		return fmt.Errorf("cannot pack the initramfs: %w", a.err)
	}
	return file.Close()
}

// archive writes the "newc" format of cpio(5), which the kernel unpacks.
type archive struct {
	w    io.Writer
	node int
	made map[string]bool // directories
	err  error           // the first
}

// put adds a file, and the directories above it.
func (a *archive) put(name string, mode int, data []byte) {
	for i := range name {
		if dir := name[:i]; name[i] == '/' && !a.made[dir] {
			a.made[dir] = true
			a.put(dir, 0o040755, nil)
		}
	}
	a.node++
	const device, links, time = 0, 1, 0
	header := fmt.Sprintf("070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s\x00",
		a.node, mode, 0, 0, links, time, len(data), device, device, device, device, len(name)+1, 0, name)
	if _, err := io.WriteString(a.w, header+padding(len(header))+string(data)+padding(len(data))); err != nil && a.err == nil {
		a.err = err
	}
}

// padding brings a length to a multiple of four.
func padding(n int) string { return "\x00\x00\x00"[:(4-n%4)%4] }

func (a *archive) copy(name, from string) {
	data, err := os.ReadFile(from)
	if err != nil && a.err == nil {
		a.err = err
	}
	a.put(name, 0o100755, data)
}

func (a *archive) copyTree(name, from string) {
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		below, err := filepath.Rel(from, path)
		if err == nil {
			a.copy(name+"/"+below, path)
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) && a.err == nil {
		a.err = err
	}
}
