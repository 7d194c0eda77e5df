package config_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/internal/golden"
)

// The keys in docs/reference/configuration.md are written from the schema, in
// the order of the loader's tables.
func TestReferencePageIsFresh(t *testing.T) {
	const page = "../docs/reference/configuration.md"
	old, err := os.ReadFile(page)
	require.NoError(t, err)
	head, rest, found := strings.Cut(string(old), "-update -->\n")
	require.True(t, found, "the mark before the generated part is missing")
	_, tail, found := strings.Cut(rest, "<!-- end")
	require.True(t, found, "the mark after the generated part is missing")

	golden.Equal(t, page, head+"-update -->\n"+reference(t)+"<!-- end"+tail)
}

func reference(t *testing.T) string {
	keys, required := config.Keys()
	var page strings.Builder
	for _, section := range []struct{ object, title string }{
		{"file", "Top level"}, {"service", "A service"}, {"backoff", "`backoff`"},
	} {
		node := objects()[section.object]
		fmt.Fprintf(&page, "\n## %s\n", section.title)
		for _, name := range keys[section.object] {
			property := node.Properties[name].resolve()
			fmt.Fprintf(&page, "\n### `%s`\n\n%s\n\n", name, property.Description)
			fmt.Fprintf(&page, "- Value: %s\n", valueOf(property))
			if slices.Contains(required[section.object], name) {
				page.WriteString("- Required\n")
			} else {
				fmt.Fprintf(&page, "- Default: %s\n", defaultOf(t, property))
			}
			fmt.Fprintf(&page, "- Example: `\"%s\": %s`\n", name, literal(t, property.Examples[0]))
		}
	}
	return page.String() + "\n"
}

// valueOf describes type, unit and range.
func valueOf(s *schemaNode) string {
	kind := s.Type
	if s.Unit != "" {
		kind += ", " + s.Unit
	}
	switch {
	case s.AnyOf != nil:
		var kinds []string
		for _, one := range s.AnyOf {
			kinds = append(kinds, valueOf(one))
		}
		return strings.Join(kinds, ", or ")
	case s.Unit == "duration" || s.Unit == "size":
		return fmt.Sprintf("%s from `%q` to `%q`", s.Unit, s.Low, s.High)
	case s.Minimum != nil:
		return fmt.Sprintf("%s, from %.0f to %.0f", kind, *s.Minimum, *s.Maximum)
	case s.Enum != nil:
		var words []string
		for _, word := range s.Enum {
			words = append(words, fmt.Sprintf("`%q`", word))
		}
		return "one of " + strings.Join(words, ", ")
	case s.Type == "array" && s.Items.Type == "string" && s.MinItems > 0:
		return "array of strings, not empty"
	case s.Type == "array" && s.Items.Type == "string":
		return "array of strings"
	case s.Type == "array":
		return "array of services, at least one"
	case s.PropertyNames != nil:
		return "object of strings"
	case s.Type == "string" && s.MinLength > 0:
		return "string, not empty"
	case s.Not != nil:
		return "string of 1 to 64 of the characters `A-Z a-z 0-9 _ . @ -`, not beginning with `.` or `-`"
	case s.Properties != nil:
		return "object of the keys below"
	}
	return kind
}

func defaultOf(t *testing.T, s *schemaNode) string {
	if s.Default == nil {
		return "none"
	}
	return "`" + literal(t, s.Default) + "`"
}

func literal(t *testing.T, v any) string {
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return strings.NewReplacer(`,"`, `, "`, `":`, `": `).Replace(string(text))
}
