package config_test

import (
	"fmt"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"github.com/tailscale/hujson"

	"github.com/gosv/gosv/config"
)

// Corners of the grammar: where commas and comments may stand.
var corners = []string{
	"[1,]", "[,]", "[1,,]", "[1,}", "[[],]", `{"a":1,}`, "{,}", `{"a",}`, `{"a":,}`, "1,", ",", "]",
	"[1/*,*/,/*,*/]", "[1,//\n]", `["//", "/*", "*/", ",]"]`, "{1:2}", "{}{}", "{} //", "{}/", "[1/**/2]", "tr/**/ue",
	"/*/", "/**/1", "//", "/* \u2028 */1", "// \u2028\n1", "// \u2029\n1", `{"a":1,"a":2}`, `"\ud800"`, "[1 2]", "01", "",
}

// The tree has exactly the texts and the values of hujson, each at its place:
// so what hujson explains is always wrong, and nothing else is.
func FuzzTreeAgreesWithHujson(f *testing.F) {
	addTexts(f)
	for _, text := range corners {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		text = append(text, '\n')
		outline, deep, err := config.Outline(text)
		if deep || !utf8.Valid(text) {
			return // refused before either is asked
		}
		want, wantErr := hujson.Parse(text)
		require.Equal(t, wantErr == nil, err == nil, "hujson: %v, the tree: %v", wantErr, err)
		if err == nil {
			require.Empty(t, cmp.Diff(outlineOf(want), outline))
		}
	})
}

func outlineOf(root hujson.Value) (outline []string) {
	for v := range root.All() {
		switch content := v.Value.(type) {
		case hujson.Literal:
			outline = append(outline, fmt.Sprintf("%d %s", v.StartOffset, []byte(content)))
		case *hujson.Object:
			outline = append(outline, fmt.Sprintf("%d {%d", v.StartOffset, 2*len(content.Members)))
		case *hujson.Array:
			outline = append(outline, fmt.Sprintf("%d [%d", v.StartOffset, len(content.Elements)))
		}
	}
	return outline
}
