package supervisor

import (
	"errors"
	"fmt"
	"sync"
)

// ErrEnded is the error of a request to a supervisor that has ended.
var ErrEnded = errors.New("the supervisor has ended")

// inbox takes requests from other goroutines. It is the only state of the supervisor
// that they touch, beside the published statuses.
type inbox struct {
	mu    sync.Mutex
	most  int // requests may wait
	list  []request
	ended bool
}

// request is what another goroutine asks the loop to do.
type request interface{ obey(*Supervisor) }

// put adds a request.
func (b *inbox) put(r request) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.ended:
		return ErrEnded
	case len(b.list) >= b.most:
		return fmt.Errorf("%d commands are waiting already; try again", b.most)
	}
	b.list = append(b.list, r)
	return nil
}

// resize changes how many requests may wait.
func (b *inbox) resize(most int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.most = most
}

// take empties the inbox.
func (b *inbox) take() []request {
	b.mu.Lock()
	defer b.mu.Unlock()
	taken := b.list
	b.list = nil
	return taken
}

// close refuses what comes from now on, and gives what was not taken.
func (b *inbox) close() []request {
	b.mu.Lock()
	b.ended = true
	b.mu.Unlock()
	return b.take()
}
