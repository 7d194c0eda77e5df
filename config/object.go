package config

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// value is one JSON value, with its name for messages.
type value struct {
	node
	name  string // "max_restarts", with its quotes, or args[1]
	place string // in service "a"
}

// title is name and place.
func (v value) title() string { return strings.TrimSpace(v.name + " " + v.place) }

// key is one key of an object that is read into a T.
type key[T any] struct {
	name     string
	title    string // the name in quotes
	required bool
	read     func(l *loader, v value, into *T) // stores the value, or reports what is wrong with it
}

// member is a key of a table that the text has, as far as later checks need it.
type member struct {
	name   string
	offset int  // of the value
	ok     bool // nothing is wrong with that
}

// members are those of one object, in the order of the text.
type members []member

func (m members) get(name string) (found member, has bool) {
	for _, found := range m {
		if found.name == name {
			return found, true
		}
	}
	return member{}, false
}

// sound reports whether none of the keys has a bad value: only then can they be
// compared.
func (m members) sound(names ...string) bool {
	for _, name := range names {
		if found, has := m.get(name); has && !found.ok {
			return false
		}
	}
	return true
}

// readObject reads an object strictly by its table of keys. The place is that
// of its members.
func readObject[T any](l *loader, v value, place string, keys []key[T], into *T) members {
	if v.kind() != jsontext.KindBeginObject {
		l.mustBe(v, "an object", objectHint)
		return nil
	}
	seen := make(members, 0, min(len(keys), v.count()))
	unknown := map[string]int{} // the offsets of their values
	for n, content := range v.members() {
		name, ok := l.str(value{n, "a key", place}, "a string", nil)
		if !ok {
			continue
		}
		first, twice := seen.get(name)
		if !twice {
			first.offset, twice = unknown[name]
		}
		if twice {
			l.errorf(n.offset(), "duplicate key %s %s; the first one is in line %d", quote(name), place, l.line(first.offset))
			continue
		}
		k := find(keys, name)
		if k == nil {
			unknown[name] = content.offset()
			l.errorf(n.offset(), "unknown key %s %s%s", quote(name), place, keyHint(l, name, keys))
			continue
		}
		before := l.errors
		k.read(l, value{content, k.title, place}, into)
		seen = append(seen, member{k.name, content.offset(), l.errors == before})
	}
	for _, k := range keys {
		if _, has := seen.get(k.name); k.required && !has {
			l.errorf(v.offset(), "missing key %q %s", k.name, place)
		}
	}
	return seen
}

// objectHint shows the first delay of a backoff that was given as a duration.
func objectHint(v value) string {
	if v.name == `"backoff"` && v.kind() == jsontext.KindString {
		return fmt.Sprintf(`; write {"initial": %s}`, quote(v.written()))
	}
	return ""
}

func find[T any](keys []key[T], name string) *key[T] {
	for i := range keys {
		if keys[i].name == name {
			return &keys[i]
		}
	}
	return nil
}

// keyHint names the key that was probably meant: one with another spelling, the
// equivalent of another supervisor's key, or the object that the key belongs in.
func keyHint[T any](l *loader, name string, keys []key[T]) string {
	var known []string
	for _, k := range keys {
		known = append(known, k.name)
	}
	if ours, ok := foreign[strings.ToLower(name)]; ok && find(keys, ours) != nil {
		return fmt.Sprintf("; did you mean %q?", ours)
	}
	switch {
	case find(l.keys.service, name) != nil:
		return "; it belongs in a service"
	case find(l.keys.backoff, name) != nil:
		return `; it belongs in the "backoff" of a service`
	case find(l.keys.file, name) != nil:
		return "; it belongs at the top level"
	}
	return didYouMean(name, known)
}

// str decodes a string. It refuses half a surrogate pair (\ud800): that is no
// character and cannot be passed on as UTF-8.
func (l *loader) str(v value, wanted string, hint func(value) string) (string, bool) {
	if v.kind() != jsontext.KindString {
		l.mustBe(v, wanted, hint)
		return "", false
	}
	s, err := unquote(v.literal())
	if err != nil {
		l.errorf(v.offset(), "%s has half a surrogate pair in %s; write the character itself", v.title(), shorten(v.literal()))
		return "", false
	}
	return s, true
}

// mustBe reports a value of the wrong type or range. The hint, if any, shows what was
// probably meant.
func (l *loader) mustBe(v value, wanted string, hint func(value) string) {
	meant := ""
	switch {
	case v.kind() == jsontext.KindNull:
		meant = "; give a value or leave the key out"
	case hint != nil:
		meant = hint(v)
	}
	l.errorf(v.offset(), "%s must be %s, not %s%s", v.title(), wanted, describe(v.node), meant)
}

// describe says what a value is: `the string "5"`, `the number 1.5`, `an array`.
func describe(n node) string {
	switch n.kind() {
	case jsontext.KindString:
		return "the string " + quote(n.written())
	case jsontext.KindNumber:
		return "the number " + shorten(n.literal())
	case jsontext.KindBeginObject:
		return "an object"
	case jsontext.KindBeginArray:
		return "an array"
	}
	return n.literal()
}
