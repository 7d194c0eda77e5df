// Package timeline draws a run, for people who would rather look than read: one
// lane a service, its states as bars, and what happened to it as marks.
//
// It knows nothing of simulations and supervisors. A [Chart] is plain data, and
// [SVG] and [HTML] are pure functions of it: the same chart gives the same bytes.
//
// Time is compressed. A run may do a hundred things in a millisecond and then
// nothing for an hour; so an interval between two instants at which something is
// drawn gets a width that grows with the logarithm of its length, and the axis says
// how long the long ones are.
package timeline

import "time"

// Chart is a run.
type Chart struct {
	Title string
	Notes []string // sentences that stand above the drawing
	Lanes []Lane
	Marks []Mark // what concerns every lane: a line through all of them
	End   time.Duration
	// Linear draws time to scale, in a fixed width, instead of compressing it.
	Linear bool
}

// Lane is what is told of one thing.
type Lane struct {
	Name  string
	Bars  []Bar // one after the other
	Marks []Mark
}

// Bar is a state that lasts from one instant to another.
type Bar struct {
	From, To time.Duration
	Tone     Tone
	Label    string // a word, shown inside if it fits
	Tip      string // a sentence, shown to whoever points at it
}

// Tone is what a state means, and gives a bar its colour.
type Tone uint8

// The tones.
const (
	Idle    Tone = iota // nothing is there, and nothing is wanted
	Rising              // it is about to run
	Well                // it runs
	Waiting             // it will be tried again
	Ending              // it is being ended
	Done                // it ended as it should
	Bad                 // it was given up
	tones   = iota
)

// toneNames are the classes in the drawing.
var toneNames = [tones]string{"idle", "rising", "well", "waiting", "ending", "done", "bad"}

// Mark is something that happens at an instant.
type Mark struct {
	At   time.Duration
	Kind Kind
	Tip  string // a sentence
	// Label is a word that stands above a mark of the whole chart.
	Label string
}

// Kind is what kind of thing happened, and gives a mark its shape.
type Kind uint8

// The kinds.
const (
	Start     Kind = iota // a process began: a tick
	Exit                  // a process ended: a dot
	Signal                // one was sent: a triangle that points down
	Command               // a person intervened: a triangle that points up
	Fault                 // the machine failed: a diamond
	Event                 // something of the whole run: a thin line
	Violation             // what must hold did not: a thick line
	kinds     = iota
)

// kindNames are the classes in the drawing and the words of its legend.
var kindNames = [kinds]string{"start", "exit", "signal", "command", "fault", "event", "violation"}
