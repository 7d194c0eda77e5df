package config_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/internal/signame"
)

func TestSchemaHasTheKeysOfTheLoader(t *testing.T) {
	keys, required := config.Keys()
	for object, node := range objects() {
		assert.ElementsMatch(t, keys[object], slices.Collect(maps.Keys(node.Properties)), object)
		assert.ElementsMatch(t, required[object], node.Required, object)
		for name, property := range node.Properties {
			property = property.resolve()
			assert.NotEmpty(t, property.Description, "%s.%s is not described", object, name)
			require.NotEmpty(t, property.Examples, "%s.%s has no example", object, name)
			for _, example := range property.Examples {
				assert.True(t, property.accepts(example), "the example of %s.%s is not allowed", object, name)
			}
		}
	}
}

func objects() map[string]*schemaNode {
	return map[string]*schemaNode{"file": root, "service": definition("service"), "backoff": definition("backoff")}
}

// With every default of the schema written out, a file means the same.
func TestSchemaDefaultsAreThoseOfTheLoader(t *testing.T) {
	backoff, service, file := map[string]any{}, map[string]any{"name": "a", "command": "x"}, map[string]any{}
	for object, into := range map[string]map[string]any{"file": file, "service": service, "backoff": backoff} {
		for name, property := range objects()[object].Properties {
			if value := property.resolve().Default; value != nil {
				into[name] = value
			}
		}
	}
	assert.Equal(t, service["backoff"], backoff, "the default of backoff is not made of the defaults of its keys")
	file["services"] = []any{service}
	assert.Len(t, service, 2+13, "a default is missing, or one is new: %v", service)

	want, diagnostics := load(t, map[string]any{"services": []any{map[string]any{"name": "a", "command": "x"}}})
	require.Empty(t, diagnostics)
	got, diagnostics := load(t, file)
	require.Empty(t, diagnostics)
	assert.Empty(t, cmp.Diff(want, got))
}

// For every key alone, values on both sides of every bound are accepted or
// refused by schema and loader alike.
func TestSchemaAndLoaderAgreeOnEveryKey(t *testing.T) {
	accepted, refused := 0, 0
	for object, node := range objects() {
		for name, property := range node.Properties {
			for _, value := range probes(property.resolve()) {
				tree := plant(object, name, value)
				if agree(t, tree) {
					accepted++
				} else {
					refused++
				}
			}
		}
	}
	assert.Greater(t, accepted, 100)
	assert.Greater(t, refused, 100)
}

func TestSchemaKnowsTheSignalsOfTheLoader(t *testing.T) {
	for _, name := range signame.All() {
		agree(t, plant("service", "stop_signal", name))
		agree(t, plant("service", "stop_signal", "SIG"+name))
	}
}

// Whole files of random keys, mostly right ones.
func TestSchemaAndLoaderAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mistakes := rapid.IntRange(0, 2).Draw(t, "mistakes")
		agree(t, generate(t, root, &mistakes))
	})
}

// agree fails the test if schema and loader differ about a file, except for what a
// schema cannot express: comparisons of two values.
func agree(t require.TestingT, tree any) bool {
	_, diagnostics := load(t, tree)
	beyond := func(d config.Diagnostic) bool {
		return d.Severity == config.Warning || strings.Contains(d.Message, "must not be above") || strings.Contains(d.Message, "has no place beside") || strings.HasPrefix(d.Message, "duplicate service name")
	}
	diagnostics = slices.DeleteFunc(diagnostics, beyond)
	accepts := root.accepts(tree)
	if accepts != (len(diagnostics) == 0) {
		text, _ := json.Marshal(tree)
		require.Failf(t, "schema and loader differ", "schema accepts: %v, loader: %v\n%.500s", accepts, diagnostics, text)
	}
	return accepts
}

func load(t require.TestingT, tree any) (config.File, []config.Diagnostic) {
	text, err := json.Marshal(tree)
	require.NoError(t, err)
	return config.Load("services.json", text)
}

// plant makes a file that is right but perhaps for one value.
func plant(object, name string, value any) any {
	backoff, service := map[string]any{}, map[string]any{"name": "a", "command": "x"}
	file := map[string]any{"services": []any{service}}
	switch object {
	case "backoff":
		backoff[name] = value
		service["backoff"] = backoff
	case "service":
		service[name] = value
	case "file":
		file[name] = value
	}
	return file
}

// probes lists values of all types and on both sides of all bounds.
func probes(s *schemaNode) []any {
	values := []any{nil, true, "", "x", "5", 0.0, 1.0, -1.0, 1.5, []any{}, []any{"x"}, []any{1.0}, []any{""}, []any{"\x00"},
		map[string]any{}, map[string]any{"A": "1"}, map[string]any{"A": 1.0}, map[string]any{"A=": "1"}, map[string]any{"": "1"},
		map[string]any{"GOSV_INVOCATION": "1"}, map[string]any{"A": "\x00"}, "\x00", "..", "-a", "@a", "cgroup.x", "cgroup", "ios.x", "größe",
		"0s", "1ms", "999us", "0", "1h1m1.5s", ".5s", "5.s", ".s", "1d", "-1s", "+1s", "1s ", "99999999h", "8760h", "8760h1ns", "1us", "1µs", "1μs",
		"1KiB", "1023KiB", "1024KiB", "1025KiB", "1MiB", "2MiB", "0KiB", "00001KiB", "00000001KiB", "KiB", "1.5KiB", "1kib", "1 KiB", "1GiB"}
	values = append(append(values, s.Enum...), s.Examples...)
	for _, bound := range []*float64{s.Minimum, s.Maximum} {
		if bound != nil {
			values = append(values, *bound, *bound-1, *bound+1, *bound+0.5)
		}
	}
	for _, bound := range []string{s.Low, s.High} {
		values = append(values, bound, "1"+bound)
	}
	for _, length := range []int{64, 65, 4095, 4096, 131071, 131072} {
		values = append(values, strings.Repeat("x", length), []any{strings.Repeat("x", length)})
	}
	return values
}

// generate draws a value that the schema accepts, with up to so many mistakes.
func generate(t *rapid.T, s *schemaNode, mistakes *int) any {
	s = s.resolve()
	if *mistakes > 0 && rapid.IntRange(0, 9).Draw(t, "wrong here") == 0 {
		*mistakes--
		return rapid.SampledFrom(probes(s)).Draw(t, "probe")
	}
	switch {
	case s.AnyOf != nil:
		return generate(t, s.AnyOf[0], mistakes)
	case s.Enum != nil:
		return rapid.SampledFrom(s.Enum).Draw(t, "enum")
	case s.Type == "boolean":
		return rapid.Bool().Draw(t, "boolean")
	case s.Type == "integer":
		return math.Trunc(rapid.Float64Range(*s.Minimum, *s.Maximum).Draw(t, "integer"))
	case s.Type == "number":
		return rapid.Float64Range(*s.Minimum, *s.Maximum).Draw(t, "number")
	case s.Type == "array":
		var items []any
		for range rapid.IntRange(s.MinItems, s.MinItems+2).Draw(t, "length") {
			items = append(items, generate(t, s.Items, mistakes))
		}
		return append([]any{}, items...)
	case s.Type == "object":
		return generateObject(t, s, mistakes)
	case s.Low != "":
		return rapid.SampledFrom([]string{s.Low, s.High, fmt.Sprint(s.Default)}).Draw(t, "quantity")
	case s.Pattern != "":
		return rapid.StringMatching(strings.ReplaceAll(s.Pattern, "*$", "{1,9}$")).Draw(t, "text")
	}
	return rapid.String().Draw(t, "string")
}

func generateObject(t *rapid.T, s *schemaNode, mistakes *int) any {
	object := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if slices.Contains(s.Required, name) || rapid.Bool().Draw(t, name) {
			object[name] = generate(t, s.Properties[name], mistakes)
		}
	}
	if additional := s.additional(); additional != nil {
		object[rapid.StringMatching(`[A-Z_]{1,9}`).Draw(t, "variable")] = generate(t, additional, mistakes)
	}
	if *mistakes > 0 && rapid.IntRange(0, 9).Draw(t, "other keys") == 0 {
		*mistakes--
		delete(object, rapid.SampledFrom(append(s.Required, "")).Draw(t, "missing"))
		object[rapid.SampledFrom([]string{"unknown", "Name", ""}).Draw(t, "unknown")] = "x"
	}
	return object
}
