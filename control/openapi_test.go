package control_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/control"
	"github.com/gosv/gosv/control/api"
)

// schema is what the description of the API uses of JSON Schema.
type schema struct {
	Ref        string             `json:"$ref"`
	Type       string             `json:"type"`
	Format     string             `json:"format"`
	Enum       []string           `json:"enum"`
	Required   []string           `json:"required"`
	Properties map[string]*schema `json:"properties"`
	Additional *bool              `json:"additionalProperties"`
	Items      *schema            `json:"items"`
	OneOf      []*schema          `json:"oneOf"`
}

type openAPI struct {
	Paths map[string]map[string]struct {
		Summary    string
		Parameters []struct{ Name, In string }
		Responses  map[string]struct {
			Content map[string]struct{ Schema *schema }
		}
	}
	Components struct{ Schemas map[string]*schema }
}

func readOpenAPI(t *testing.T) (doc openAPI) {
	require.NoError(t, json.Unmarshal(control.OpenAPI, &doc))
	return doc
}

// check says what is wrong with a value, and notes the properties that it has.
func (d openAPI) check(s *schema, value any, at string, seen map[string]bool) (wrong []string) {
	if name, found := strings.CutPrefix(s.Ref, "#/components/schemas/"); found {
		if d.Components.Schemas[name] == nil {
			return []string{at + ": there is no schema " + name}
		}
		return d.check(d.Components.Schemas[name], value, name, seen)
	}
	if len(s.OneOf) > 0 {
		for _, one := range s.OneOf {
			if d.check(one, value, at, seen) == nil {
				return nil
			}
		}
		return []string{at + ": nothing fits"}
	}
	switch v := value.(type) {
	case map[string]any:
		return append(d.checkObject(s, v, at, seen), wrongType(s, "object", at)...)
	case []any:
		for _, one := range v {
			wrong = append(wrong, d.check(s.Items, one, at+"[]", seen)...)
		}
		return append(wrong, wrongType(s, "array", at)...)
	case string:
		if s.Enum != nil && !slices.Contains(s.Enum, v) {
			wrong = append(wrong, fmt.Sprintf("%s: %q is not in %v", at, v, s.Enum))
		}
		if _, err := time.Parse(time.RFC3339Nano, v); s.Format == "date-time" && err != nil {
			wrong = append(wrong, at+": "+err.Error())
		}
		return append(wrong, wrongType(s, "string", at)...)
	case float64:
		if s.Type == "integer" && v == math.Trunc(v) {
			return nil
		}
		return wrongType(s, "number", at)
	case bool:
		return wrongType(s, "boolean", at)
	case nil:
		return wrongType(s, "null", at)
	}
	return []string{at + ": what is this?"}
}

func (d openAPI) checkObject(s *schema, v map[string]any, at string, seen map[string]bool) (wrong []string) {
	for _, name := range s.Required {
		if _, has := v[name]; !has {
			wrong = append(wrong, at+": lacks "+name)
		}
	}
	for name, member := range v {
		property := s.Properties[name]
		if property == nil {
			if s.Additional != nil && !*s.Additional {
				wrong = append(wrong, at+": has "+name)
			}
			continue
		}
		seen[at+"."+name] = true
		wrong = append(wrong, d.check(property, member, at+"."+name, seen)...)
	}
	return wrong
}

func wrongType(s *schema, is, at string) []string {
	if s.Type != is {
		return []string{fmt.Sprintf("%s: is a %s, not a %s", at, is, s.Type)}
	}
	return nil
}

// The description has the routes of the table and no others, with their parameters.
func TestOpenAPIDescribesTheRoutes(t *testing.T) {
	doc := readOpenAPI(t)
	described := map[string][]string{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			names := []string{}
			for _, p := range op.Parameters {
				if p.In == "query" {
					names = append(names, p.Name)
				}
			}
			slices.Sort(names)
			described[strings.ToUpper(method)+" "+path+": "+op.Summary] = names
		}
	}
	assert.Equal(t, control.RouteTable(), described)
}

// Real answers are as described, and every property that is described was seen.
func TestOpenAPIDescribesTheAnswers(t *testing.T) {
	doc, seen := readOpenAPI(t), map[string]bool{}
	w := serve(t, func(o *control.Options) {
		o.Logs = oneLine{}
		o.Reload = func(context.Context, bool) (api.Reload, error) {
			return api.Reload{Changes: []api.ReloadChange{{Service: "web", Action: "live", Keys: []string{"a"}}}, Pending: []string{"socket"}}, nil
		}
		o.Config = func() api.Config { return api.Config{File: "/etc/s.json"} }
	})
	w.services[0].Status.Deadline, w.services[0].Status.Unkillable = &w.services[0].Status.Since, true
	full := api.Exit{Cause: api.BySignal, Signal: "SEGV", CoreDumped: true, OOM: true, Error: "e", PID: 1}
	w.services[1].Status.LastExit = &full
	w.obey = func(c control.Command) {
		if c.Verb == api.Start {
			w.ring.Append(api.Event{Type: api.CommandEvent, Time: time.Now(), Service: c.Service, Operation: c.Operation, Ignored: "i", Error: "e"})
		}
	}
	for _, e := range []api.Event{
		{Type: api.StateEvent, Service: "web", From: api.Starting, To: api.Running, Cause: "spawned", Desired: api.Up, PID: 1, Generation: 1, Restarts: 1, NextStart: &full.Time, Unkillable: true, Exit: &full},
		{Type: api.NoticeEvent, Notice: "orphan-killed", Level: "warning", Text: "t", Fields: map[string]any{"pid": 1}},
	} {
		w.ring.Append(e)
	}
	w.ended(w.command(api.Start, "w*").ID)
	for _, c := range []struct{ method, path, body, as, status string }{
		{"GET", "/v1", "", "/v1", "200"},
		{"GET", "/v1/openapi.json", "", "/v1/openapi.json", "200"},
		{"GET", "/v1/services", "", "/v1/services", "200"},
		{"GET", "/v1/services/web", "", "/v1/services/{name}", "200"},
		{"GET", "/v1/services/worker", "", "/v1/services/{name}", "200"},
		{"POST", "/v1/operations", `{"verb":"stop","services":["web"]}`, "/v1/operations", "202"},
		{"GET", "/v1/operations", "", "/v1/operations", "200"},
		{"GET", "/v1/operations/1", "", "/v1/operations/{id}", "200"},
		{"GET", "/v1/events?after=0&follow=0", "", "/v1/events", "200"},
		{"GET", "/v1/logs", "", "/v1/logs", "200"},
		{"POST", "/v1/reload", `{"dry_run":true}`, "/v1/reload", "200"},
		{"GET", "/v1/no", "", "/v1", "default"},
	} {
		resp, text := w.do(c.method, c.path, c.body)
		answer := doc.Paths[c.as][strings.ToLower(c.method)].Responses[c.status].Content
		kind := resp.Header.Get("Content-Type")
		require.Contains(t, answer, kind, "%s %s", c.method, c.path)
		decoder := json.NewDecoder(strings.NewReader(text))
		for decoder.More() {
			var value any
			require.NoError(t, decoder.Decode(&value))
			assert.Empty(t, doc.check(answer[kind].Schema, value, c.path, seen), "%s %s: %s", c.method, c.path, text)
		}
	}
	for name, s := range doc.Components.Schemas {
		for property := range s.Properties {
			if strings.HasSuffix(name, "Request") || name+"."+property == "Problem.evidence" {
				continue
			}
			assert.True(t, seen[name+"."+property], "no answer had %s.%s", name, property)
		}
	}
}

func TestTheSchemaCheckFindsMistakes(t *testing.T) {
	doc := readOpenAPI(t)
	for _, text := range []string{
		`{"cause":"exit"}`, `{"cause":"fell","code":1,"text":"","time":"2026-01-02T03:04:05Z","generation":1,"ran_seconds":1}`,
		`{"cause":"exit","code":1.5,"text":"","time":"2026-01-02T03:04:05Z","generation":1,"ran_seconds":1}`,
		`{"cause":"exit","code":1,"text":"","time":"today","generation":1,"ran_seconds":1}`,
		`{"cause":"exit","code":1,"text":"","time":"2026-01-02T03:04:05Z","generation":1,"ran_seconds":1,"more":1}`, `[]`, `null`,
	} {
		var value any
		require.NoError(t, json.Unmarshal([]byte(text), &value))
		assert.NotEmpty(t, doc.check(doc.Components.Schemas["Exit"], value, "Exit", map[string]bool{}), text)
	}
}
