package config

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// tree is a JSON text as the list of its values, in the order in which they
// begin. In an object, keys and values take turns.
type tree struct {
	text  string
	spans []span
}

// span is the place of one value in the text.
type span struct {
	kind       jsontext.Kind
	start, end int32 // bytes; of an array or object those of its first bracket
	after      int32 // index of the first span that is not inside
}

// parseTree reads standard JSON. Duplicate keys and halves of surrogate pairs
// pass: the loader explains them.
func parseTree(text []byte) (*tree, error) {
	const bytesPerValue = 6 // a guess that fits common files
	t := &tree{string(text), make([]span, 0, len(text)/bytesPerValue)}
	d := jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	var open []int // the spans of arrays and objects that have not ended
	for len(open) > 0 || len(t.spans) == 0 {
		before := d.InputOffset()
		token, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		end := d.InputOffset()
		literal := strings.TrimLeft(t.text[before:end], " \t\r\n,:")
		s := span{token.Kind(), int32(end) - int32(len(literal)), int32(end), int32(len(t.spans) + 1)}
		switch s.kind {
		case jsontext.KindEndArray, jsontext.KindEndObject:
			t.spans[open[len(open)-1]].after = int32(len(t.spans))
			open = open[:len(open)-1]
			continue
		case jsontext.KindBeginArray, jsontext.KindBeginObject:
			open = append(open, len(t.spans))
		}
		t.spans = append(t.spans, s)
	}
	if _, err := d.ReadToken(); err == nil {
		return nil, errors.New("the text goes on after its value")
	} else if !errors.Is(err, io.EOF) {
		return nil, err
	}
	return t, nil
}

// node is one value of a tree.
type node struct {
	tree  *tree
	index int
}

func (n node) span() span          { return n.tree.spans[n.index] }
func (n node) kind() jsontext.Kind { return n.span().kind }
func (n node) offset() int         { return int(n.span().start) }

// literal is what stands in the text for a string, number, true, false or
// null, and is empty for an array or object.
func (n node) literal() string {
	s := n.span()
	if s.kind == jsontext.KindBeginArray || s.kind == jsontext.KindBeginObject {
		return ""
	}
	return n.tree.text[s.start:s.end]
}

// written is what a string says, or the literal of anything else.
func (n node) written() string {
	if n.kind() != jsontext.KindString {
		return n.literal()
	}
	s, _ := unquote(n.literal())
	return s
}

// elements gives the elements of an array, or the keys and values of an object.
func (n node) elements() iter.Seq2[int, node] {
	return func(yield func(int, node) bool) {
		after := int(n.span().after)
		at := n.index + 1
		for i := 0; at < after && yield(i, node{n.tree, at}); i++ {
			at = int(n.tree.spans[at].after)
		}
	}
}

// count is the number of elements.
func (n node) count() int {
	count := 0
	for range n.elements() {
		count++
	}
	return count
}

// members gives the members of an object; a key is followed by its value.
func (n node) members() iter.Seq2[node, node] {
	return func(yield func(key, value node) bool) {
		for i, key := range n.elements() {
			if i%2 == 0 && !yield(key, node{n.tree, key.index + 1}) {
				return
			}
		}
	}
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
