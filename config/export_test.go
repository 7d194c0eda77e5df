package config

import "fmt"

// Keys lists the keys of each object that the loader knows, in the order of
// its tables, and which of them are required.
func Keys() (keys, required map[string][]string) {
	keys, required = map[string][]string{}, map[string][]string{}
	list(fileKeys(), "file", keys, required)
	list(serviceKeys(), "service", keys, required)
	list(backoffKeys(), "backoff", keys, required)
	return keys, required
}

func list[T any](table []key[T], object string, keys, required map[string][]string) {
	for _, k := range table {
		keys[object] = append(keys[object], k.name)
		if k.required {
			required[object] = append(required[object], k.name)
		}
	}
}

// Outline gives a line for every value of a text, in the order of the tree:
// its offset, and its literal or its bracket and number of elements. It fails
// where hujson is asked to explain; deep is a text that hujson never sees.
func Outline(text []byte) (outline []string, deep bool, err error) {
	standard := append([]byte(nil), text...)
	if standardize(standard) >= 0 {
		return nil, true, nil
	}
	t, err := parseTree(standard)
	if err != nil {
		return nil, false, err
	}
	for i := range t.spans {
		n := node{t, i}
		if n.literal() != "" {
			outline = append(outline, fmt.Sprintf("%d %s", n.offset(), n.literal()))
		} else {
			outline = append(outline, fmt.Sprintf("%d %c%d", n.offset(), n.kind(), n.count()))
		}
	}
	return outline, false, nil
}
