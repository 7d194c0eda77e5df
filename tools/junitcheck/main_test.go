package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const good = `<testsuites><testsuite name="gosv chaos"><properties>` +
	`<property name="seed" value="1"/><property name="command" value="gosv chaos"/><property name="status" value="1"/></properties>` +
	`<testcase classname="a" name="b"/><testcase classname="a" name="c"><skipped message="why"/></testcase>` +
	`<testcase classname="a" name="d"><failure message="why">more</failure></testcase></testsuite></testsuites>`

func checked(t *testing.T, text string) (string, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "report.xml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return check(name)
}

func TestAReportIsRead(t *testing.T) {
	summary, err := checked(t, good)
	if want := "3 cases: 1 passed, 1 failed, 1 skipped"; err != nil || summary != want {
		t.Errorf("%q, %v; %q was expected", summary, err, want)
	}
}

func TestWhatIsWrongWithAReportIsSaid(t *testing.T) {
	for was, tc := range map[string]struct{ becomes, want string }{
		`</testsuites>`:            {`<testsuite name="more"/></testsuites>`, "2 suites"},
		`name="gosv chaos"`:        {`name="x"`, "called"},
		`name="seed" value="1"`:    {`name="seed" value="-1"`, "seed"},
		`value="gosv chaos"`:       {`value=""`, "no property command"},
		`name="b"`:                 {`name="c"`, "two cases"},
		`classname="a" name="b"`:   {`name="b"`, "no class"},
		`<skipped message="why"/>`: {`<skipped/>`, "without a reason"},
		`<failure message="why">`:  {`<failure>`, "without a message"},
		`name="status" value="1"`:  {`name="status" value="0"`, "with 1 failures"},
		`</testcase></testsuite>`:  {``, "syntax error"},
	} {
		text := strings.Replace(good, was, tc.becomes, 1)
		if text == good {
			t.Errorf("%q is not in the report", was)
		}
		if _, err := checked(t, text); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q for %q: %v; %q was expected", tc.becomes, was, err, tc.want)
		}
	}
}
