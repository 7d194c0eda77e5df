package control

import (
	"container/list"
	"context"
	"net"
	"net/http"
	"sync"
)

// connections bounds how many are open. When there is one too many, the one that
// has been without a request for longest is closed: a client that connects and
// says nothing costs a descriptor only until somebody else needs it.
type connections struct {
	max int

	mu   sync.Mutex
	open map[net.Conn]*list.Element // of idle; nil while a request is served
	idle list.List                  // of net.Conn, longest without a request first
}

func newConnections(max int) *connections {
	return &connections{max: max, open: map[net.Conn]*list.Element{}}
}

// changed is the ConnState hook of net/http.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		c.add(conn)
	case http.StateClosed, http.StateHijacked:
		c.remove(conn)
	}
}

func (c *connections) add(conn net.Conn) {
	c.mu.Lock()
	c.open[conn] = c.idle.PushBack(conn)
	var victim net.Conn
	if len(c.open) > c.max {
		victim = c.idle.Front().Value.(net.Conn)
		c.drop(victim)
	}
	c.mu.Unlock()
	if victim != nil {
		victim.Close()
	}
}

func (c *connections) remove(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(conn)
}

func (c *connections) drop(conn net.Conn) {
	if place := c.open[conn]; place != nil {
		c.idle.Remove(place)
	}
	delete(c.open, conn)
}

// busy marks the connection of a request until the returned function is called.
func (c *connections) busy(req *http.Request) (done func()) {
	conn, ok := req.Context().Value(connKey{}).(net.Conn)
	if !ok {
		return func() {} // a test without a connection
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if place := c.open[conn]; place != nil {
		c.idle.Remove(place)
		c.open[conn] = nil
	}
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if place, open := c.open[conn]; open && place == nil {
			c.open[conn] = c.idle.PushBack(conn)
		}
	}
}

// count is how many connections are open.
func (c *connections) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.open)
}

// connKey is where the context of a request has its connection.
type connKey struct{}

func withConn(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}
