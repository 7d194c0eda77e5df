package api

import "time"

// Line is one line of a service's output.
type Line struct {
	Seq     uint64    `json:"seq"` // across all services, in order of arrival
	Time    time.Time `json:"time"`
	Service string    `json:"service"`
	Text    string    `json:"text"`
	// Dropped counts the lines that are missing before this one.
	Dropped uint64 `json:"dropped,omitempty"`
}
