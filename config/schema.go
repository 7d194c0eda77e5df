package config

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var schema []byte

// Schema is the JSON Schema (draft 2020-12) of the configuration, for editors.
// A test holds it and Load together.
func Schema() []byte { return slices.Clone(schema) }
