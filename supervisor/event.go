package supervisor

import (
	"reflect"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// Event is one fact that the supervisor reports: a value whose fields say
// everything, and whose String is the sentence for the log. The changes of a
// service's phase are not among them; they are [Change].
type Event interface {
	Level() Level
	// Of is the name of the service that the event is about; "" if it is about
	// no service in particular.
	Of() string
	String() string
}

// Level is how much an event matters.
type Level uint8

// The levels.
const (
	Debug Level = iota
	Info
	Warning
	Error
)

var levelNames = [...]string{"debug", "info", "warning", "error"}

func (l Level) String() string { return levelNames[l] }

// The levels as embedded fields, so that each event type states its level once.
type (
	debugLevel   struct{}
	infoLevel    struct{}
	warningLevel struct{}
	errorLevel   struct{}
)

func (debugLevel) Level() Level   { return Debug }
func (infoLevel) Level() Level    { return Info }
func (warningLevel) Level() Level { return Warning }
func (errorLevel) Level() Level   { return Error }

// general is embedded by events that are about no service in particular.
type general struct{}

func (general) Of() string { return "" }

// EventType is the name of an event's type in machine-readable output:
// "orphan-killed" for [OrphanKilled].
func EventType(e Event) string { return kebab(reflect.TypeOf(e).Name()) }

// EventFields gives the fields of an event by name, as values that
// encoding/json writes the way a reader expects: errors and durations as text,
// signals by name.
func EventFields(e Event) map[string]any {
	fields := map[string]any{}
	v := reflect.ValueOf(e)
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || f.Anonymous {
			continue
		}
		fields[strings.ReplaceAll(kebab(f.Name), "-", "_")] = plainValue(v.Field(i).Interface())
	}
	return fields
}

func plainValue(v any) any {
	switch v := v.(type) {
	case error:
		return v.Error()
	case syscall.Signal:
		return "SIG" + name(v)
	case time.Duration:
		return v.String()
	}
	return v
}

// kebab turns OrphanKilled into orphan-killed, and PIDs into pids.
func kebab(camel string) string {
	var b strings.Builder
	runes := []rune(strings.ReplaceAll(camel, "PIDs", "Pids"))
	for i, r := range runes {
		upper := unicode.IsUpper(r)
		if upper && i > 0 && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && !unicode.IsUpper(runes[i+1])) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
