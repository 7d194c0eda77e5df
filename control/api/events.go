package api

import "time"

// EventType says what an event reports.
type EventType string

// The types of events.
const (
	StateEvent    EventType = "state"    // a service changed its state
	CommandEvent  EventType = "command"  // the supervisor carried out a command
	NoticeEvent   EventType = "notice"   // a fact worth a line in the log
	BookmarkEvent EventType = "bookmark" // nothing happened; Seq is where to resume
)

// IgnoredShutdown is the reason why a command changed nothing when gosv was shutting down.
const IgnoredShutdown = "gosv is shutting down"

// Event is one line of GET /v1/events. Events are numbered from 1 without gaps.
type Event struct {
	Seq     uint64    `json:"seq"`
	Time    time.Time `json:"time,omitzero"`
	Type    EventType `json:"type"`
	Service string    `json:"service,omitempty"`

	// Of a state or command event: the state before and after it, and why.
	From       State      `json:"from,omitempty"`
	To         State      `json:"to,omitempty"`
	Cause      string     `json:"cause,omitempty"`
	Desired    Desired    `json:"desired,omitempty"`
	PID        int        `json:"pid,omitempty"`
	Generation uint64     `json:"generation,omitempty"`
	Restarts   int        `json:"restarts,omitempty"`
	NextStart  *time.Time `json:"next_start,omitempty"`
	Unkillable bool       `json:"unkillable,omitempty"`
	Exit       *Exit      `json:"exit,omitempty"`

	// Of a command event.
	Operation string `json:"operation,omitempty"`
	Ignored   string `json:"ignored,omitempty"` // why the command changed nothing
	Error     string `json:"error,omitempty"`   // why the command failed

	// Of a notice: what it is ("orphan-killed"), a sentence, and its facts.
	Notice string         `json:"notice,omitempty"`
	Level  string         `json:"level,omitempty"`
	Text   string         `json:"text,omitempty"`
	Fields map[string]any `json:"fields,omitempty"`
}
