package api

import "time"

// Verb is what a command asks for.
type Verb string

// The verbs.
const (
	Start    Verb = "start"
	Stop     Verb = "stop"
	Restart  Verb = "restart"
	Signal   Verb = "signal"
	Reset    Verb = "reset"
	Shutdown Verb = "shutdown"
)

// CommandRequest is the body of POST /v1/operations.
type CommandRequest struct {
	Verb Verb `json:"verb"`
	// Services are names or glob patterns. All stands for every service.
	Services []string `json:"services,omitempty"`
	All      bool     `json:"all,omitempty"`
	Signal   string   `json:"signal,omitempty"` // of the verb signal: "HUP" or "SIGHUP"
	// Timeout ends the operation, not the command; such as "30s". Empty: none.
	Timeout string `json:"timeout,omitempty"`
}

// Result says how an operation, or its part for one service, ended, in
// systemd's words. It is "running" before that.
type Result string

// The results.
const (
	Pending  Result = "running"
	Done     Result = "done"
	Canceled Result = "canceled" // a later command asked for the contrary
	TimedOut Result = "timeout"
	Broken   Result = "failed"
	Skipped  Result = "skipped" // gosv was shutting down
)

// Operation is a command on its way.
type Operation struct {
	ID       string             `json:"id"`
	Verb     Verb               `json:"verb"`
	State    Result             `json:"state"`
	Created  time.Time          `json:"created"`
	Ended    *time.Time         `json:"ended,omitempty"`
	Services []ServiceOperation `json:"services"`
	// WaitingFor says, for people, what is still missing.
	WaitingFor []string `json:"waiting_for,omitempty"`
}

// ServiceOperation is the part of an operation that concerns one service.
type ServiceOperation struct {
	Name   string `json:"name"`
	State  Result `json:"state"`
	Detail string `json:"detail,omitempty"` // for people
	// Of a failed one: what is known about it, and a command that shows more.
	Evidence *Evidence `json:"evidence,omitempty"`
	Try      string    `json:"try,omitempty"`
}

// OperationList is the answer of GET /v1/operations, newest first.
type OperationList struct {
	APIVersion string      `json:"api_version"`
	Seq        uint64      `json:"seq"`
	Operations []Operation `json:"operations"`
}
