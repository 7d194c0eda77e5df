package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// decodeStrictly reads one value of JSON, the whole text. A key that is unknown,
// stands twice, or twice but for its case, is an error.
func decodeStrictly(text string, into any) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the scenario on its line")
	}
	return unique(json.NewDecoder(bytes.NewReader([]byte(text))), "")
}

// unique looks for keys that stand twice in an object of the next value. Of variables
// the case matters.
func unique(d *json.Decoder, key string) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	delim, nested := token.(json.Delim)
	if !nested {
		return nil
	}
	seen := map[string]bool{}
	for d.More() {
		inner := key
		if delim == '{' {
			token, err := d.Token()
			if err != nil {
				return err
			}
			inner = token.(string) // of an object
			known := inner
			if key != "Env" {
				known = strings.ToLower(inner)
			}
			if seen[known] {
				return fmt.Errorf("the key %q stands twice", inner)
			}
			seen[known] = true
		}
		if err := unique(d, inner); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}
