package linux_test

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/linux"
)

// What CheckProgram reports without a spawn, a spawn reports too.
func TestCheckProgramAgreesWithTheStart(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"empty": "", "text": "echo hello\n", "missing": "#!/no/such/interpreter\n", "closed": "#!./text-closed\n", "dos": "#!/bin/sh\r\n",
		"bare": "#!\n", "right": "#!/bin/sh\nexit 0\n", "spaced": "#! /bin/sh -e\nexit 0\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "text-closed"), nil, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "nested"), []byte("#!./missing\n"), 0o700))
	writeELFs(t, dir)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "directory"), 0o700))
	big := strings.Repeat("x", 100<<10)
	var bigEnv []string
	for range 100 {
		bigEnv = append(bigEnv, "X="+big)
	}
	k := newKernelWith(t, linux.Options{})
	defer k.Shutdown(0)
	for i, c := range []struct {
		path string
		env  []string
		want string // in what is said; "": nothing is wrong
	}{
		{"./empty", nil, "the file is empty"},
		{"./text", nil, "neither a program for this machine nor a script"},
		{"./bare", nil, "neither a program for this machine nor a script"},
		{"./missing", nil, `its interpreter "/no/such/interpreter" does not exist`},
		{"./closed", nil, `its interpreter "./text-closed" is not executable`},
		{"./dos", nil, "DOS line ends"},
		{"./directory", nil, "it is a directory"},
		{"./nested", nil, `its interpreter "./missing" cannot be executed: its interpreter "/no/such/interpreter" does not exist`},
		{"./text-closed", nil, "it is not executable: chmod +x "},
		{"./other-machine", nil, "it is a program for another machine (S390, 64 bits), and this one is " + runtime.GOARCH},
		{"./no-loader", nil, `its loader "/no/such/loader" does not exist`},
		{"./cut-in-header", nil, "it is a damaged ELF file of 40 bytes: is it complete?"},
		{"./nothing", nil, "no such file"},
		{"./right", nil, ""},
		{"./spaced", nil, ""},
		{"true", nil, ""},
		{"true", bigEnv[:2], ""},
		{"true", bigEnv, "argument list too long"},
	} {
		r := sys.SpawnRequest{ID: sys.SpawnID(i + 1), Path: c.path, Dir: dir, Env: c.env}
		checked := linux.CheckProgram(r)
		k.Spawn(r)
		results := k.Spawned()
		for ; len(results) == 0; results = k.Spawned() {
			k.Wait(sys.Never)
		}
		started := results[0].Err
		if c.want == "" {
			assert.NoError(t, checked, c.path)
			assert.NoError(t, started, c.path)
			continue
		}
		var ours, kernels *sys.SpawnError
		if assert.ErrorContains(t, checked, c.want, c.path) && assert.Error(t, started, c.path) {
			require.True(t, errors.As(checked, &ours) && errors.As(started, &kernels))
			assert.Equal(t, kernels.Err, ours.Err, c.path)
			assert.Equal(t, kernels.Step, ours.Step, c.path)
		}
	}
	for len(k.Exited()) > 0 {
	}
}

// writeELFs writes variants of a minimal ELF file with one program header, PT_INTERP.
func writeELFs(t *testing.T, dir string) {
	native := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[runtime.GOARCH]
	const loader = "/no/such/loader\x00"
	build := func(machine elf.Machine) []byte {
		header := elf.Header64{Type: uint16(elf.ET_DYN), Machine: uint16(machine), Version: 1, Phoff: 64, Ehsize: 64, Phentsize: 56, Phnum: 1}
		copy(header.Ident[:], "\x7fELF\x02\x01\x01")
		if machine == elf.EM_S390 {
			header.Ident[elf.EI_DATA] = byte(elf.ELFDATA2LSB)
		}
		interp := elf.Prog64{Type: uint32(elf.PT_INTERP), Off: 120, Filesz: uint64(len(loader)), Memsz: uint64(len(loader))}
		var text bytes.Buffer
		for _, part := range []any{header, interp, []byte(loader)} {
			require.NoError(t, binary.Write(&text, binary.LittleEndian, part))
		}
		return text.Bytes()
	}
	for name, text := range map[string][]byte{"other-machine": build(elf.EM_S390), "no-loader": build(native), "cut-in-header": build(native)[:40]} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o700))
	}
}

// A program that is cut off begins to run and dies of SIGBUS or SIGSEGV: only the check
// can name the cause.
func TestCheckProgramFindsATruncatedELF(t *testing.T) {
	self, err := os.ReadFile("/proc/self/exe")
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "cut")
	require.NoError(t, os.WriteFile(path, self[:8192], 0o700))
	err = linux.CheckProgram(sys.SpawnRequest{Path: path})
	assert.ErrorContains(t, err, "it is cut off: it has 8192 bytes, and its headers need ")
	assert.NoError(t, linux.CheckProgram(sys.SpawnRequest{Path: "/proc/self/exe"}))
}

func TestCheckProgramNamesTheCauseOfPermissionDenied(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may enter every directory")
	}
	closed := filepath.Join(t.TempDir(), "closed")
	require.NoError(t, os.Mkdir(closed, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(closed, "tool"), []byte("#!/bin/sh\n"), 0o700))
	require.NoError(t, os.Chmod(closed, 0))
	err := linux.CheckProgram(sys.SpawnRequest{Path: filepath.Join(closed, "tool")})
	assert.ErrorContains(t, err, "it is in the directory \""+closed+"\", which gosv may not enter (no x permission)")
}
