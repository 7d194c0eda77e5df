package supervisord

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// notification is an event as a listener is handed it
// (supervisord.org/events.html, "Event Notification Protocol").
type notification struct {
	Event  string            // such as PROCESS_STATE_RUNNING
	Values map[string]string // of the payload
}

// The answers of a listener.
const (
	ready    = "READY\n"
	accepted = "RESULT 2\nOK"
)

// payloadMax is more than any event of a process has, in bytes.
const payloadMax = 1 << 16

// readNotification reads a header line and the payload whose length it gives. At
// the end between two notifications the error is io.EOF.
func readNotification(r *bufio.Reader) (notification, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		if line != "" && errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return notification{}, err
	}
	header, err := tokens(line)
	if err != nil {
		return notification{}, err
	}
	length, err := strconv.Atoi(header["len"])
	if err != nil || length < 0 || length > payloadMax {
		return notification{}, fmt.Errorf("an event's header has no length from 0 to %d: %q", payloadMax, line)
	}
	payload := make([]byte, length)
	if _, err := io.ReadFull(r, payload); err != nil {
		return notification{}, fmt.Errorf("an event of %d bytes is cut: %w", length, io.ErrUnexpectedEOF)
	}
	n := notification{Event: header["eventname"]}
	n.Values, err = tokens(string(payload))
	return n, err
}

// tokens reads name:value pairs.
func tokens(text string) (map[string]string, error) {
	values := map[string]string{}
	for _, pair := range strings.Fields(text) {
		name, value, ok := strings.Cut(pair, ":")
		if !ok || name == "" {
			return nil, fmt.Errorf("%q is no name:value in an event: %q", pair, text)
		}
		values[name] = value
	}
	return values, nil
}

// number gives a value that should be a number; 0 if it is none.
func (n notification) number(name string) int {
	v, _ := strconv.Atoi(n.Values[name])
	return v
}
