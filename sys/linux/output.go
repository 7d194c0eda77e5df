package linux

import (
	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

// output is the pipes of a child; a sink that is nil, or the same as the other, has
// none of its own. Their writing
// ends are in the slots of the worker until the child has its own.
type output [2]struct {
	sink   sys.Sink
	reader int
}

// open makes the pipes, and returns what becomes the descriptors 0, 1 and 2 of the
// child. The reading end does not block: a child may read what it wrote itself.
func (o *output) open(r *sys.SpawnRequest, slots *slots, null int) ([]int, *sys.SpawnError) {
	files := []int{null, null, null}
	for i, sink := range [2]sys.Sink{r.Stdout, r.Stderr} {
		switch {
		case sink == nil:
			continue
		case i == 1 && sink == o[0].sink:
			files[2] = files[1]
			continue
		}
		var p [2]int
		if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
			o.empty(slots, null)
			o.closeReaders()
			return nil, &sys.SpawnError{Step: sys.StepPrepare, Err: errnoOf(err), Hint: "making the pipe for its output"}
		}
		_, _ = unix.FcntlInt(uintptr(p[0]), unix.F_SETFL, unix.O_NONBLOCK)
		slots.fill(i, p[1])
		unix.Close(p[1])
		o[i].sink, o[i].reader = sink, p[0]
		files[1+i] = slots[i]
	}
	return files, nil
}

// empty closes gosv's writing ends.
func (o *output) empty(slots *slots, null int) {
	for i := range o {
		if o[i].sink != nil {
			slots.fill(i, null)
		}
	}
}

func (o *output) closeReaders() {
	for i := range o {
		if o[i].sink != nil {
			unix.Close(o[i].reader)
		}
	}
}
