// Package golden compares what a test made with a file of the repository: a golden file of
// testdata, or a page of docs that is generated. There is one way to write such files anew:
//
//	go test ./the/package -update
//
// and then git diff, to see whether the change is meant.
package golden

import (
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files and generated pages anew")

// Updating reports whether the test run writes such files.
func Updating() bool { return *update }

// Equal holds the file to got, or writes it with -update.
func Equal(t testing.TB, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is stale (-file +now). If the change is meant, write it anew: go test -update\n%s", file, diff)
	}
}
