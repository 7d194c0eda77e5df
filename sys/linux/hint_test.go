package linux_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/sys/linux"
)

func TestParseShebang(t *testing.T) {
	for head, want := range map[string]string{
		"#!/bin/sh\necho":            "/bin/sh",
		"#! /usr/bin/env -S x\n":     "/usr/bin/env",
		"#!\t/bin/sh\t-e\n":          "/bin/sh",
		"#!/no/newline":              "/no/newline",
		"#!\n/bin/sh":                "",
		"#!/bin/sh\x00more":          "/bin/sh",
		"#!":                         "",
		" #!/bin/sh":                 "",
		"\x7fELF":                    "",
		"":                           "",
		"#!interpreter in directory": "interpreter",
	} {
		got, ok := linux.ParseShebang([]byte(head))
		assert.Equal(t, want, got, "%q", head)
		assert.Equal(t, want != "", ok, "%q", head)
	}
}

func FuzzParseShebang(f *testing.F) {
	f.Add([]byte("#! /usr/bin/env -S x\n"))
	f.Fuzz(func(t *testing.T, head []byte) {
		got, ok := linux.ParseShebang(head)
		if ok != (got != "") || strings.ContainsAny(got, "\n\t \x00") {
			t.Fatalf("%q gave %q, %v", head, got, ok)
		}
	})
}
