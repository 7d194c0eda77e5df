package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"syscall"
	"time"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// encode returns the scenario as a line of JSON. What is zero is left out: it is
// zero again when it is read.
func (s Scenario) encode() []byte {
	full, err := json.Marshal(s)
	if err != nil {
		panic(err) // a scenario is data
	}
	from := json.NewDecoder(bytes.NewReader(full))
	from.UseNumber() // an int64 does not fit a float
	var tree any
	if err := from.Decode(&tree); err != nil {
		panic(err)
	}
	var b bytes.Buffer
	to := json.NewEncoder(&b)
	to.SetEscapeHTML(false)
	if err := to.Encode(pruned(tree)); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// pointers are the fields that say something even where all in them is zero.
var pointers = map[string]bool{"Cgroups": true, "Faults": true}

// pruned leaves out what is zero.
func pruned(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, of := range v {
			if key == "Env" && of != nil { // a variable may be empty
				continue
			}
			if of = pruned(of); of != nil {
				v[key] = of
			} else if m, _ := v[key].(map[string]any); m == nil || !pointers[key] {
				delete(v, key)
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		for i := range v {
			if p := pruned(v[i]); p != nil {
				v[i] = p
			}
		}
	case json.Number:
		if v == "0" {
			return nil
		}
	case string:
		if v == "" || v == "0001-01-01T00:00:00Z" {
			return nil
		}
	case bool:
		if !v {
			return nil
		}
	}
	return v
}

// written is an action as it stands in JSON: the command by its name.
type written struct {
	At           time.Duration
	Signal       syscall.Signal
	Service      string
	Command      string
	Interference Interference
	For          time.Duration
	Next         Next
	Within       time.Duration
	Costs        int
}

// MarshalJSON returns the command by its name.
func (a Action) MarshalJSON() ([]byte, error) {
	w := written{At: a.At, Signal: a.Signal, Service: a.Service, Interference: a.Interference, For: a.For, Next: a.Next, Within: a.Within, Costs: a.Costs}
	if a.Command != nil {
		w.Command = a.Command.String()
	}
	return json.Marshal(w)
}

// UnmarshalJSON finds the command that has the name.
func (a *Action) UnmarshalJSON(text []byte) error {
	var w written
	if err := decodeStrictly(string(text), &w); err != nil {
		return err
	}
	*a = Action{At: w.At, Signal: w.Signal, Service: w.Service, Interference: w.Interference, For: w.For, Next: w.Next, Within: w.Within, Costs: w.Costs}
	if w.Command == "" {
		return nil
	}
	for _, kind := range []lifecycle.Kind{lifecycle.Start, lifecycle.Stop, lifecycle.Kill} {
		if kind.String() == w.Command {
			a.Command = &kind
			return nil
		}
	}
	return fmt.Errorf("an operator says start, stop or kill, and not %q", w.Command)
}
