package config_test

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gosv/gosv/config"
)

// schemaNode is a schema of JSON Schema, as far as config/schema.json uses
// the language; decoding it is strict, so that no keyword goes unheeded.
type schemaNode struct {
	Schema      string         `json:"$schema"`
	ID          string         `json:"$id"`
	Ref         string         `json:"$ref"`
	Defs        map[string]any `json:"$defs"`
	Title       string         `json:"title"`
	Description string         `json:"description"`
	Default     any            `json:"default"`
	Examples    []any          `json:"examples"`

	Type                 string                 `json:"type"`
	Enum                 []any                  `json:"enum"`
	Const                any                    `json:"const"`
	AnyOf                []*schemaNode          `json:"anyOf"`
	PrefixItems          []*schemaNode          `json:"prefixItems"`
	Not                  *schemaNode            `json:"not"`
	Pattern              string                 `json:"pattern"`
	MinLength            int                    `json:"minLength"`
	MaxLength            *int                   `json:"maxLength"`
	Minimum              *float64               `json:"minimum"`
	Maximum              *float64               `json:"maximum"`
	MinItems             int                    `json:"minItems"`
	Items                *schemaNode            `json:"items"`
	Required             []string               `json:"required"`
	Properties           map[string]*schemaNode `json:"properties"`
	PropertyNames        *schemaNode            `json:"propertyNames"`
	AdditionalProperties json.RawMessage        `json:"additionalProperties"`

	Unit string `json:"x-unit"`
	Low  string `json:"x-minimum"`
	High string `json:"x-maximum"`
}

// decodeSchema panics on keywords that schemaNode does not have.
func decodeSchema(text []byte) *schemaNode {
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	var node schemaNode
	if err := decoder.Decode(&node); err != nil {
		panic(err)
	}
	return &node
}

var root = decodeSchema(config.Schema())

// definition gives what stands in $defs.
func definition(name string) *schemaNode {
	text, err := json.Marshal(root.Defs[name])
	if err != nil {
		panic(err)
	}
	return decodeSchema(text)
}

// resolve joins a schema and the one it refers to, for the keywords that stand beside a $ref.
func (s *schemaNode) resolve() *schemaNode {
	if s.Ref == "" {
		return s
	}
	joined := *definition(strings.TrimPrefix(s.Ref, "#/$defs/"))
	joined.Low, joined.High = s.Low, s.High
	if s.Default != nil {
		joined.Description, joined.Default, joined.Examples = s.Description, s.Default, s.Examples
	}
	return &joined
}

// accepts is the validation of JSON Schema, plus x-minimum and x-maximum.
func (s *schemaNode) accepts(v any) bool {
	s = s.resolve()
	if s.Enum != nil && !slices.Contains(s.Enum, v) ||
		s.Const != nil && !reflect.DeepEqual(s.Const, v) ||
		s.Not != nil && s.Not.accepts(v) ||
		s.AnyOf != nil && !slices.ContainsFunc(s.AnyOf, func(one *schemaNode) bool { return one.accepts(v) }) {
		return false
	}
	switch v := v.(type) {
	case string:
		return (s.Type == "" || s.Type == "string") && s.acceptsString(v)
	case float64:
		return (s.Type == "" || s.Type == "number" || s.Type == "integer" && v == math.Trunc(v)) &&
			(s.Minimum == nil || v >= *s.Minimum) && (s.Maximum == nil || v <= *s.Maximum)
	case bool:
		return (s.Type == "" || s.Type == "boolean") && s.Enum == nil && s.Const == nil
	case []any:
		return (s.Type == "" || s.Type == "array") && s.acceptsItems(v)
	case map[string]any:
		return (s.Type == "" || s.Type == "object") && s.acceptsObject(v)
	}
	return s.Type == "" && s.Enum == nil && s.Const == nil
}

func (s *schemaNode) acceptsString(v string) bool {
	length := utf8.RuneCountInString(v)
	if length < s.MinLength || s.MaxLength != nil && length > *s.MaxLength {
		return false
	}
	if s.Pattern != "" && !regexp.MustCompile(s.Pattern).MatchString(v) {
		return false
	}
	return s.Low == "" || quantity(v) >= quantity(s.Low) && quantity(v) <= quantity(s.High)
}

func (s *schemaNode) acceptsItems(items []any) bool {
	for i, item := range items {
		node := s.Items
		if i < len(s.PrefixItems) {
			node = s.PrefixItems[i]
		}
		if node != nil && !node.accepts(item) {
			return false
		}
	}
	return len(items) >= s.MinItems
}

func (s *schemaNode) acceptsObject(v map[string]any) bool {
	for _, name := range s.Required {
		if _, has := v[name]; !has {
			return false
		}
	}
	for name, value := range v {
		if s.PropertyNames != nil && !s.PropertyNames.accepts(name) {
			return false
		}
		property, known := s.Properties[name]
		if !known {
			property = s.additional()
		}
		if property == nil || !property.accepts(value) {
			return false
		}
	}
	return true
}

// additional is the schema of keys that are not named, or nil if there are none.
func (s *schemaNode) additional() *schemaNode {
	switch string(s.AdditionalProperties) {
	case "false":
		return nil
	case "":
		return &schemaNode{}
	}
	return decodeSchema(s.AdditionalProperties)
}

// quantity is the value of a duration in nanoseconds or of a size in bytes;
// the largest there is if it overflows.
func quantity(s string) int64 {
	for unit, factor := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20} {
		if digits, ok := strings.CutSuffix(s, unit); ok {
			n, err := strconv.ParseInt(digits, 10, 32)
			if err != nil {
				panic(fmt.Sprintf("%s is no size", s))
			}
			return n * factor
		}
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return math.MaxInt64
	}
	return int64(d)
}
