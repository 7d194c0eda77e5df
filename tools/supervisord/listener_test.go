package supervisord

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func reader(text string) *bufio.Reader { return bufio.NewReader(strings.NewReader(text)) }

// envelope is an event as supervisord 4.2 writes it.
func envelope(event, payload string) string {
	return fmt.Sprintf("ver:3.0 server:supervisor serial:21 pool:events poolserial:10 eventname:%s len:%d\n%s", event, len(payload), payload)
}

func TestEventsAreReadOneAfterTheOther(t *testing.T) {
	r := reader(envelope("PROCESS_STATE_RUNNING", "processname:cat groupname:cat from_state:STARTING pid:2766") +
		envelope("PROCESS_STATE_FATAL", "processname:cat groupname:cat from_state:BACKOFF"))
	n, err := readNotification(r)
	require.NoError(t, err)
	assert.Equal(t, "PROCESS_STATE_RUNNING", n.Event)
	assert.Equal(t, "STARTING", n.Values["from_state"])
	assert.Equal(t, 2766, n.number("pid"))
	n, err = readNotification(r)
	require.NoError(t, err)
	assert.Equal(t, "PROCESS_STATE_FATAL", n.Event)
	assert.Zero(t, n.number("pid"))
	_, err = readNotification(r)
	assert.Equal(t, io.EOF, err)
}

func TestWhatIsNoEventIsSaid(t *testing.T) {
	for text, want := range map[string]string{
		"ver:3.0 len:5\nabc":  "cut",
		"ver:3.0":             "EOF",
		"ver:3.0\n":           "no length",
		"len:-1\n":            "no length",
		"len:99999999999\n":   "no length",
		"Traceback\n":         "no name:value",
		"len:4\n:abc":         "no name:value",
		"len:1\nx":            "no name:value",
		"eventname:A len:x\n": "no length",
	} {
		_, err := readNotification(reader(text))
		assert.ErrorContains(t, err, want, "%q", text)
	}
}

func FuzzNotification(f *testing.F) {
	f.Add(envelope("PROCESS_STATE_EXITED", "processname:cat groupname:cat from_state:RUNNING expected:0 pid:2766"))
	f.Add("len:0\n")
	f.Fuzz(func(t *testing.T, text string) {
		r := reader(text)
		for range 100 {
			n, err := readNotification(r)
			if err != nil {
				return
			}
			newTranslator([]Service{{Name: "cat"}}).translate(n, 0)
		}
	})
}
