package tracesys

import (
	"bufio"
	"fmt"
	"io"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/gosv/gosv/sys"
)

// version is that of the format.
const version = 1

// Kernel is a kernel whose calls are recorded. It is as safe for concurrent use
// as the one it records. A trace that cannot be written (a full disk) ends where
// it is, and the program goes on.
type Kernel struct {
	kernel sys.Kernel

	mu     sync.Mutex
	out    *bufio.Writer
	err    error
	origin time.Duration
	names  *names
	line   []byte
	jobs   map[int]string // by thread: the job that runs on it
	job    uint64         // the last
}

var _ sys.Kernel = (*Kernel)(nil)

// New records kernel into w, from now on. What is written reaches w before each
// Wait that may block, and at Flush: a program that is killed loses the last
// turn of its loop. w must not block for long: it holds up the loop.
func New(kernel sys.Kernel, w io.Writer) *Kernel {
	k := &Kernel{kernel: kernel, out: bufio.NewWriterSize(w, 64<<10), origin: kernel.Now(), names: newNames(), jobs: map[int]string{}}
	_, k.err = fmt.Fprintf(k.out, "gosv trace %d self %s\n", version, k.names.Pid(kernel.Pid()))
	return k
}

// Flush writes what is still held back, and returns the first error that the
// trace has met.
func (k *Kernel) Flush() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.flush()
	return k.err
}

func (k *Kernel) flush() {
	if k.err == nil {
		k.err = k.out.Flush()
	}
}

// record writes the line of a call that began at the instant given and has just
// returned. describe is called with the lock held and fills in names.
func (k *Kernel) record(began time.Duration, op string, err error, describe func(*names, *call)) {
	c := call{At: began - k.origin, Op: op, Err: errnoOf(err)}
	c.Took = k.kernel.Now() - began
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.err != nil {
		return
	}
	if c.By = k.jobs[thread()]; c.By == "" {
		c.By = loop
	}
	if describe != nil {
		describe(k.names, &c)
	}
	for _, note := range k.names.fresh {
		_, k.err = k.out.WriteString(note)
	}
	k.names.fresh = k.names.fresh[:0]
	k.line = append(c.append(k.line[:0]), '\n')
	_, k.err = k.out.Write(k.line)
}

// thread names the thread that runs. A job keeps its own to itself, so that the
// calls it makes can be distinguished from those of the loop.
func thread() int { return syscall.Gettid() }

// job makes a Job whose calls are tagged, and whose result says which it is of.
func (k *Kernel) tag(name string, job sys.Job) sys.Job {
	return func(sys.JobKernel) any {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		outer := k.runs(name)
		defer k.runs(outer)
		return finished{name, job(k)}
	}
}

// runs notes what this thread runs now, and gives what it ran before.
func (k *Kernel) runs(name string) (before string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	before = k.jobs[thread()]
	if k.jobs[thread()] = name; name == "" {
		delete(k.jobs, thread())
	}
	return before
}

// finished is the result of a job with its name.
type finished struct {
	name   string
	result any
}
