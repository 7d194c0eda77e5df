package config

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/tailscale/hujson"
)

// value is one JSON value and how messages call it.
type value struct {
	hujson.Value
	name  string // "max_restarts", with its quotes, or args[1]
	place string // in service "a"
}

// title is name and place.
func (v value) title() string { return strings.TrimSpace(v.name + " " + v.place) }

// key is one key of an object that is read into a T.
type key[T any] struct {
	name     string
	required bool
	// read stores the value, or reports what is wrong with it and returns false.
	read func(l *loader, v value, into *T) bool
}

// member is a key that the text has, as far as later checks need it.
type member struct {
	offset int // of the value
	ok     bool
}

// members are those of one object, by key.
type members map[string]member

// sound tells whether none of the keys stands there with a bad value: only
// then a comparison between them makes sense.
func (m members) sound(keys ...string) bool {
	for _, k := range keys {
		if found, has := m[k]; has && !found.ok {
			return false
		}
	}
	return true
}

// readObject reads an object strictly by its table of keys. The place is that
// of its members.
func readObject[T any](l *loader, v value, place string, keys []key[T], into *T) members {
	seen := members{}
	object, ok := v.Value.Value.(*hujson.Object)
	if !ok {
		l.mustBe(v, "an object", "")
		return seen
	}
	for _, m := range object.Members {
		name, ok := l.str(value{m.Name, "a key", place}, "a string", "")
		if !ok {
			continue
		}
		if first, twice := seen[name]; twice {
			l.errorf(m.Name.StartOffset, "duplicate key %s %s; the first one is in line %d", quote(name), place, l.line(first.offset))
			continue
		}
		k := find(keys, name)
		if k == nil {
			seen[name] = member{offset: m.Value.StartOffset}
			l.errorf(m.Name.StartOffset, "unknown key %s %s%s", quote(name), place, keyHint(name, keys))
			continue
		}
		good := k.read(l, value{m.Value, fmt.Sprintf("%q", name), place}, into)
		seen[name] = member{m.Value.StartOffset, good}
	}
	for _, k := range keys {
		if _, has := seen[k.name]; k.required && !has {
			l.errorf(v.StartOffset, "missing key %q %s", k.name, place)
		}
	}
	return seen
}

func find[T any](keys []key[T], name string) *key[T] {
	for i := range keys {
		if keys[i].name == name {
			return &keys[i]
		}
	}
	return nil
}

// keyHint says what an unknown key could have been meant as: a key spelled
// otherwise, one of another supervisor, or one that belongs elsewhere.
func keyHint[T any](name string, keys []key[T]) string {
	var known []string
	for _, k := range keys {
		known = append(known, k.name)
	}
	if ours, ok := foreign[strings.ToLower(name)]; ok && find(keys, ours) != nil {
		return fmt.Sprintf("; did you mean %q?", ours)
	}
	if hint := didYouMean(name, known); hint != "" {
		return hint
	}
	switch {
	case find(serviceKeys(), name) != nil:
		return "; it belongs in a service"
	case find(backoffKeys(), name) != nil:
		return `; it belongs in the "backoff" of a service`
	case find(fileKeys(), name) != nil:
		return "; it belongs at the top level"
	}
	return ""
}

// str decodes a string. It refuses half a surrogate pair (\ud800): that is no
// character and cannot be passed on as UTF-8.
func (l *loader) str(v value, wanted, hint string) (string, bool) {
	literal, isLiteral := v.Value.Value.(hujson.Literal)
	if !isLiteral || literal.Kind() != '"' {
		return "", l.mustBe(v, wanted, hint)
	}
	s, err := jsontext.AppendUnquote(nil, literal)
	if err != nil {
		l.errorf(v.StartOffset, "%s has half a surrogate pair in %s; write the character itself", v.title(), shorten(string(literal)))
		return "", false
	}
	return string(s), true
}

// mustBe reports a value that is not what it has to be.
func (l *loader) mustBe(v value, wanted, hint string) bool {
	if kind := v.Value.Value.Kind(); kind == 'n' {
		hint = "; give a value or leave the key out"
	}
	l.errorf(v.StartOffset, "%s must be %s, not %s%s", v.title(), wanted, describe(v.Value), hint)
	return false
}

// describe says what a value is: `the string "5"`, `the number 1.5`, `an array`.
func describe(v hujson.Value) string {
	literal, _ := v.Value.(hujson.Literal)
	switch v.Value.Kind() {
	case '"':
		return "the string " + quote(literal.String())
	case '0':
		return "the number " + shorten(string(literal))
	case '{':
		return "an object"
	case '[':
		return "an array"
	}
	return string(literal)
}
