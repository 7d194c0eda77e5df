package live

import (
	"os"
	"sync"
)

// tail reads a pipe to its end and keeps the last part.
type tail struct {
	mu   sync.Mutex
	text []byte
	done chan struct{}
}

// tailMax is how many bytes a tail keeps.
const tailMax = 16 << 10

// newTail returns the end of the pipe to write to.
func newTail() (*tail, *os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	t := &tail{done: make(chan struct{})}
	go t.read(r)
	return t, w, nil
}

func (t *tail) read(r *os.File) {
	defer close(t.done)
	defer r.Close()
	piece := make([]byte, 64<<10)
	for {
		n, err := r.Read(piece)
		t.mu.Lock()
		t.text = append(t.text, piece[:n]...)
		t.text = t.text[max(0, len(t.text)-tailMax):]
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
