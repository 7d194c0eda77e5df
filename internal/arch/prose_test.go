package arch

import (
	"cmp"
	"flag"
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
)

var showDir = flag.String("dir", "", "list what the vocabulary bans in this `directory`")

// matcher is a term, ready to be matched.
type matcher struct {
	term
	words, parts, names map[string]bool
	prose, allow        *regexp.Regexp
}

// never matches nothing.
const never = `$^`

func newMatcher(t term) matcher {
	return matcher{
		term: t, words: set(t.words), parts: set(t.words + " " + t.parts), names: set(t.names),
		prose: regexp.MustCompile(cmp.Or(t.prose, never)), allow: regexp.MustCompile(cmp.Or(t.allow, never)),
	}
}

func set(words string) map[string]bool {
	all := map[string]bool{}
	for _, word := range strings.Fields(words) {
		all[word] = true
	}
	return all
}

// ruleBook is the vocabulary with what finds quickly that a text has nothing of it.
type ruleBook struct {
	matchers []matcher
	words    map[string]bool // of all terms
	prose    *regexp.Regexp  // of all terms
}

func newRuleBook(terms ...term) ruleBook {
	b := ruleBook{words: map[string]bool{}}
	patterns := []string{never}
	for _, t := range terms {
		m := newMatcher(t)
		b.matchers = append(b.matchers, m)
		maps.Copy(b.words, m.words)
		if t.prose != "" {
			patterns = append(patterns, t.prose)
		}
	}
	b.prose = regexp.MustCompile(strings.Join(patterns, "|"))
	return b
}

// mayBan reports quickly whether a text may have something that is banned.
func (b ruleBook) mayBan(text string) bool {
	return slices.ContainsFunc(proseWords(text), func(w string) bool { return b.words[w] }) || b.prose.MatchString(text)
}

func proseWords(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && r != '_' })
}

// bansText finds the term in prose.
func (m matcher) bansText(text string) string {
	text = m.allow.ReplaceAllString(text, "")
	if i := slices.IndexFunc(proseWords(text), func(w string) bool { return m.words[w] }); i >= 0 {
		return proseWords(text)[i]
	}
	return m.prose.FindString(text)
}

// in reports whether the term holds in a directory.
func (m matcher) in(dir string) bool {
	return len(m.only) == 0 || slices.ContainsFunc(m.only, func(only string) bool { return under(dir, only) })
}

// bans finds the term in a name.
func (m matcher) bans(name string) bool {
	if m.names[name] || m.parts[strings.ToLower(name)] {
		return true
	}
	return slices.ContainsFunc(camelParts(name), func(part string) bool { return m.parts[part] })
}

// camelParts splits a name: "isSpawnedAt" is "is", "spawned" and "at".
func camelParts(name string) []string {
	parts := strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == '.' })
	var all []string
	for _, part := range parts {
		begin := 0
		for i, r := range part {
			if i > begin && unicode.IsUpper(r) {
				all = append(all, strings.ToLower(part[begin:i]))
				begin = i
			}
		}
		all = append(all, strings.ToLower(part[begin:]))
	}
	return all
}

// piece is a name or a text of a file.
type piece struct {
	text string
	name bool
	line int
}

// pieces are the names that a Go file declares, its comments and its strings.
func (s source) pieces() (all []piece) {
	line := func(pos token.Pos) int { return s.set.Position(pos).Line }
	for _, group := range s.tree.Comments {
		for _, c := range group.List {
			for i, text := range strings.Split(c.Text, "\n") {
				all = append(all, piece{text, false, line(c.Pos()) + i})
			}
		}
	}
	used := map[*ast.Ident]bool{} // of another declaration, which is reported where it is
	ast.Inspect(s.tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.SelectorExpr:
			used[n.Sel] = true
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok {
				used[key] = true
			}
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				all = append(all, piece{n.Value, false, line(n.Pos())})
			}
		case *ast.Ident:
			if !used[n] {
				all = append(all, piece{n.Name, true, line(n.Pos())})
			}
		}
		return true
	})
	base, _, _ := strings.Cut(path.Base(s.path), ".")
	return append(all, piece{strings.TrimSuffix(base, "_test"), true, 1})
}

// banned finds what the vocabulary bans in some pieces of a file.
func (b ruleBook) banned(file string, pieces []piece) (wrong []string) {
	for _, p := range pieces {
		if !p.name && !b.mayBan(p.text) {
			continue
		}
		for _, m := range b.matchers {
			found := ""
			switch {
			case !m.in(path.Dir(file)):
			case !p.name:
				found = m.bansText(p.text)
			case m.bans(p.text):
				found = p.text
			}
			if found != "" {
				wrong = append(wrong, fmt.Sprintf("%s:%d: %q: write instead: %s", file, p.line, found, m.instead))
			}
		}
	}
	slices.Sort(wrong)
	return slices.Compact(wrong)
}

// bannedByDir finds it in every Go file and page, by directory.
func bannedByDir(t *testing.T) map[string][]string {
	book, all := newRuleBook(vocabulary...), map[string][]string{}
	for _, file := range files(t) {
		dir := path.Dir(file.path)
		switch {
		case file.path == "internal/arch/vocabulary_test.go": // the table itself
		case path.Ext(file.path) == ".go":
			s := parse(t, file.path, file.text)
			all[dir] = append(all[dir], book.banned(file.path, s.pieces())...)
		case path.Ext(file.path) == ".md":
			var pieces []piece
			for i, line := range strings.Split(file.text, "\n") {
				pieces = append(pieces, piece{line, false, i + 1})
			}
			all[dir] = append(all[dir], book.banned(file.path, pieces)...)
		}
	}
	return all
}

func TestVocabularyIsThatOfTheField(t *testing.T) {
	all := bannedByDir(t)
	for dir, wrong := range all {
		if dir == *showDir {
			t.Errorf("%d places in %s:\n%s", len(wrong), dir, strings.Join(wrong, "\n"))
		} else if !slices.Contains(unconverted, dir) {
			for _, w := range wrong {
				t.Error(w)
			}
		}
	}
	for _, dir := range unconverted {
		if len(all[dir]) == 0 {
			t.Errorf("%s is clean: delete it from the list unconverted in internal/arch/vocabulary_test.go", dir)
		} else {
			t.Logf("%5d places left in %s", len(all[dir]), dir)
		}
	}
}

func TestEachTermFindsItsPlantedWord(t *testing.T) {
	for _, m := range newRuleBook(vocabulary...).matchers {
		file := "any/x.go"
		if len(m.only) > 0 {
			file = m.only[0] + "/x.go"
		}
		find := func(line string) []string {
			return newRuleBook(m.term).banned(file, parse(t, file, "package p\n"+line+"\n").pieces())
		}
		if wrong := find(m.planted); assert.NotEmpty(t, wrong, "%q", m.planted) {
			assert.Contains(t, wrong[0], m.instead)
		}
		assert.Empty(t, find(m.innocent), "%q", m.innocent)
	}
}
