package linux

import (
	"debug/elf"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// nativeMachines are the ELF machines of the architectures that gosv is built for.
var nativeMachines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// examineELF checks what load_elf_binary of fs/binfmt_elf.c checks, and that the file
// is as long as its headers say.
func examineELF(path string) *flaw {
	fd, err := open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY)
	if err != nil {
		return nil
	}
	file := os.NewFile(uintptr(fd), path)
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil
	}
	program, err := elf.NewFile(withoutSections{file})
	if err != nil {
		return &flaw{syscall.ENOEXEC, fmt.Sprintf("it is a damaged ELF file of %d bytes: is it complete?", info.Size())}
	}
	if !runsHere(program) && !knowsOtherFormats() {
		return &flaw{syscall.ENOEXEC, fmt.Sprintf("it is a program for another machine (%s, %s), and this one is %s",
			strings.TrimPrefix(program.Machine.String(), "EM_"), bits(program.Class), runtime.GOARCH)}
	}
	for _, p := range program.Progs {
		if end := p.Off + p.Filesz; p.Type == elf.PT_LOAD && end > uint64(info.Size()) {
			return &flaw{syscall.ENOEXEC, fmt.Sprintf("it is cut off: it has %d bytes, and its headers need %d", info.Size(), end)}
		}
		if p.Type == elf.PT_INTERP {
			if f := examineLoader(p); f != nil {
				return f
			}
		}
	}
	return nil
}

// examineLoader checks the dynamic loader that an ELF file names (PT_INTERP).
func examineLoader(p *elf.Prog) *flaw {
	name := make([]byte, min(p.Filesz, unix.PathMax))
	if _, err := io.ReadFull(p.Open(), name); err != nil {
		return &flaw{syscall.ENOEXEC, "it is cut off: the name of its loader is missing"}
	}
	loader := strings.TrimRight(string(name), "\x00")
	f := examineFile(loader)
	switch {
	case f == nil:
		return nil
	case f.errno == syscall.ENOENT:
		return &flaw{f.errno, fmt.Sprintf("its loader %q does not exist: it was built for another system (another C library or architecture)", loader)}
	}
	return &flaw{f.errno, fmt.Sprintf("its loader %q cannot be used: %s", loader, f.hint)}
}

// runsHere reports whether the kernel executes such files itself. A 64-bit kernel may
// execute programs of the 32-bit machine of the same family.
func runsHere(program *elf.File) bool {
	native := nativeMachines[runtime.GOARCH]
	if program.Machine == native {
		return program.Class == elf.ELFCLASS64
	}
	switch native {
	case elf.EM_X86_64:
		_, err := os.Stat("/proc/sys/abi/vsyscall32") // there with CONFIG_IA32_EMULATION
		return program.Machine == elf.EM_386 && err == nil
	case elf.EM_AARCH64:
		return program.Machine == elf.EM_ARM
	}
	return native == elf.EM_NONE // an architecture that is not known here
}

func bits(class elf.Class) string {
	if class == elf.ELFCLASS32 {
		return "32 bits"
	}
	return "64 bits"
}

// withoutSections hides the section headers, which the kernel does not read: a file
// may lack them.
type withoutSections struct{ file *os.File }

// ReadAt is io.ReaderAt. It shows e_shoff, e_shnum and e_shstrndx as zero.
func (r withoutSections) ReadAt(p []byte, at int64) (int, error) {
	n, err := r.file.ReadAt(p, at)
	var class [1]byte
	if _, err := r.file.ReadAt(class[:], elf.EI_CLASS); err != nil {
		return n, err
	}
	hidden := [][2]int64{{0x28, 0x30}, {0x3c, 0x40}}
	if elf.Class(class[0]) == elf.ELFCLASS32 {
		hidden = [][2]int64{{0x20, 0x24}, {0x30, 0x34}}
	}
	for _, field := range hidden {
		for i := max(field[0], at); i < min(field[1], at+int64(n)); i++ {
			p[i-at] = 0
		}
	}
	return n, err
}
