package sim_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/fakesys"
	. "github.com/gosv/gosv/sim"
)

// TestEveryFaultIsTold turns each kind of fault on by itself.
func TestEveryFaultIsTold(t *testing.T) {
	plain := Scenario{Machine: fakesys.Options{Faults: &fakesys.Faults{}}, HealAt: time.Minute}.String()
	assert.Contains(t, plain, "gosv has PID 10, PIDs go up to 300")
	assert.Contains(t, plain, "faults until 1m0s: none\n")
	for i := range reflect.TypeFor[fakesys.Faults]().NumField() {
		var f fakesys.Faults
		if field := reflect.ValueOf(&f).Elem().Field(i); field.Kind() == reflect.Int {
			field.SetInt(7)
			text := Scenario{Machine: fakesys.Options{Faults: &f}}.String()
			assert.Contains(t, text, "1 of 7 ", reflect.TypeFor[fakesys.Faults]().Field(i).Name)
			assert.NotContains(t, text, "%!")
		}
	}
	for kind := fakesys.Program; kind <= fakesys.Hanging; kind++ {
		s := NewService("web", "")
		s.File = kind
		assert.False(t, strings.Contains(s.String(), "kind"), s)
	}
}
