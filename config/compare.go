package config

import (
	"bytes"
	"encoding/json"
	"slices"
)

// Action says what a change of its configuration does to a service.
type Action string

// The actions, from nothing to everything.
const (
	Unchanged   Action = "unchanged"
	ApplyLive   Action = "live"       // in force at once, without a restart
	AtNextStart Action = "next-start" // in force when it is started again
	RestartIt   Action = "restart"    // its program sees the change only when it is started again
	StopIt      Action = "stop"       // it is not configured any more
	StartIt     Action = "start"      // it was not configured before
)

// Change is what becomes of one service.
type Change struct {
	Service string
	Action  Action
	Keys    []string // that differ, sorted; nil for StartIt and StopIt
}

// liveKeys are policy and limits, which gosv applies from outside the service. A
// key that is not listed here means a restart.
var liveKeys = map[string]Action{
	"restart": ApplyLive, "max_restarts": ApplyLive, "backoff": ApplyLive, "stop_signal": ApplyLive, "stop_timeout": ApplyLive,
	"memory_mb": ApplyLive, "memory_high_mb": ApplyLive, "memory_swap_mb": ApplyLive,
	"cpu_percent": ApplyLive, "cpu_weight": ApplyLive, "pids_max": ApplyLive, "io_weight": ApplyLive, "chaos": ApplyLive, "autostart": ApplyLive, "essential": ApplyLive,
	"start_timeout": AtNextStart,
}

var severity = map[Action]int{Unchanged: 0, ApplyLive: 1, AtNextStart: 2, RestartIt: 3}

// Compare says what it takes to run the wanted services instead of the present
// ones: in the order of the wanted ones, and then those that are to go.
func Compare(present, wanted []Service) (changes []Change) {
	before := map[string]Service{}
	for _, svc := range present {
		before[svc.Name] = svc
	}
	for _, svc := range wanted {
		old, known := before[svc.Name]
		if !known {
			changes = append(changes, Change{Service: svc.Name, Action: StartIt})
			continue
		}
		delete(before, svc.Name)
		change := Change{Service: svc.Name, Action: Unchanged, Keys: changedKeys(old, svc)}
		for _, key := range change.Keys {
			action, known := liveKeys[key]
			if !known {
				action = RestartIt
			}
			if severity[action] > severity[change.Action] {
				change.Action = action
			}
		}
		changes = append(changes, change)
	}
	for _, svc := range present {
		if _, left := before[svc.Name]; left {
			changes = append(changes, Change{Service: svc.Name, Action: StopIt})
		}
	}
	return changes
}

// changedKeys compares what a file would say, so that a key that is added to
// the configuration is compared without a line here.
func changedKeys(a, b Service) (keys []string) {
	before, after := keysOf(a), keysOf(b)
	for key := range before {
		if !bytes.Equal(before[key], after[key]) {
			keys = append(keys, key)
		}
	}
	for key := range after {
		if _, known := before[key]; !known {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

func keysOf(s Service) map[string]json.RawMessage {
	keys := map[string]json.RawMessage{}
	text, err := s.Text()
	if err == nil {
		err = json.Unmarshal(text, &keys)
	}
	if err != nil {
		panic("config: a service that was loaded cannot be written: " + err.Error())
	}
	return keys
}
