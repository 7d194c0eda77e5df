package config

import (
	"iter"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/tailscale/hujson"
)

// node is one value of a parsed text, with its place in it.
type node struct{ value *hujson.Value }

func (n node) kind() jsontext.Kind { return jsontext.Kind(n.value.Value.Kind()) }
func (n node) offset() int         { return n.value.StartOffset }

// literal is the text of a string, number, true, false or null, and empty for an
// array or object.
func (n node) literal() string {
	literal, _ := n.value.Value.(hujson.Literal)
	return string(literal)
}

// written is what a string says, or the literal of anything else.
func (n node) written() string {
	if n.kind() != jsontext.KindString {
		return n.literal()
	}
	s, _ := unquote(n.literal())
	return s
}

// elements returns the elements of an array.
func (n node) elements() iter.Seq2[int, node] {
	return func(yield func(int, node) bool) {
		array, _ := n.value.Value.(*hujson.Array)
		for i := 0; array != nil && i < len(array.Elements) && yield(i, node{&array.Elements[i]}); i++ {
		}
	}
}

// members returns the keys and values of an object.
func (n node) members() iter.Seq2[node, node] {
	return func(yield func(key, value node) bool) {
		object, _ := n.value.Value.(*hujson.Object)
		for i := 0; object != nil && i < len(object.Members) && yield(node{&object.Members[i].Name}, node{&object.Members[i].Value}); i++ {
		}
	}
}

// count is the number of elements or members.
func (n node) count() int {
	switch v := n.value.Value.(type) {
	case *hujson.Array:
		return len(v.Elements)
	case *hujson.Object:
		return len(v.Members)
	}
	return 0
}

// unquote decodes the literal of a string; halves of surrogate pairs become
// U+FFFD, and an error. What needs no decoding shares the text's memory.
func unquote(literal string) (string, error) {
	if strings.IndexByte(literal, '\\') < 0 {
		return literal[1 : len(literal)-1], nil
	}
	s, err := jsontext.AppendUnquote(nil, literal)
	return string(s), err
}
