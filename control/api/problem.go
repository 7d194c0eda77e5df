package api

import "fmt"

// ProblemType is the media type of a [Problem].
const ProblemType = "application/problem+json"

// Problem is an error as RFC 9457 has it. docs/reference/errors.md lists the codes.
type Problem struct {
	Type   string `json:"type"` // about:blank: Title says what Status means
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"` // what happened, with names and numbers
	Code   string `json:"code"`   // stable, for programs
	Why    string `json:"why"`    // the rule behind it
	// Evidence is what is known about the service concerned.
	Evidence *Evidence `json:"evidence,omitempty"`
	Try      string    `json:"try,omitempty"` // a command that helps
}

// Evidence is what a service left behind.
type Evidence struct {
	LastExit  *Exit    `json:"last_exit,omitempty"`
	LastLines []string `json:"last_lines,omitempty"`
}

func (p *Problem) Error() string {
	if p.Detail == "" {
		return fmt.Sprintf("%s (%d)", p.Title, p.Status)
	}
	return p.Detail
}
