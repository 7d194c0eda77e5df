package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/gosv/gosv/chaos"
)

// The elements of JUnit XML that its readers agree on.
type (
	suites struct {
		XMLName  xml.Name `xml:"testsuites"`
		Name     string   `xml:"name,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Skipped  int      `xml:"skipped,attr"`
		Time     string   `xml:"time,attr"`
		Suites   []suite  `xml:"testsuite"`
	}
	suite struct {
		Name       string     `xml:"name,attr"`
		Tests      int        `xml:"tests,attr"`
		Failures   int        `xml:"failures,attr"`
		Errors     int        `xml:"errors,attr"`
		Skipped    int        `xml:"skipped,attr"`
		Time       string     `xml:"time,attr"`
		Properties []property `xml:"properties>property"`
		Cases      []testcase `xml:"testcase"`
	}
	property struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	testcase struct {
		Name    string  `xml:"name,attr"`
		Class   string  `xml:"classname,attr"`
		Time    string  `xml:"time,attr,omitempty"`
		Failure *reason `xml:"failure"`
		Skipped *reason `xml:"skipped"`
		Output  string  `xml:"system-out,omitempty"`
	}
	reason struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// EncodeJUnit writes a case for every verdict, and one for every service with its recovery
// times and the violations that name it. A verdict that is inconclusive, or was not run, is
// skipped with the reason. The suite has the time of the run. A verdict about one phase has
// the time of that phase, and a service its slowest recovery.
func EncodeJUnit(r Result) []byte {
	seconds := inSeconds(r.length())
	s := suite{Name: "gosv chaos", Time: seconds, Properties: []property{
		{"seed", fmt.Sprint(r.History.Plan.Seed)}, {"command", r.Command}, {"outcome", string(r.Outcome())}, {"status", fmt.Sprint(r.Status)},
	}}
	for _, v := range r.Verdicts {
		c := verdictCase(v)
		if took, ok := r.took(phaseOf[v.Number]); ok {
			c.Time = inSeconds(took)
		}
		s.add(c)
	}
	recoveries := map[string]chaos.Recovery{}
	for _, rec := range r.History.Recoveries() {
		recoveries[rec.Service] = rec
	}
	for _, svc := range r.History.Services {
		s.add(r.serviceCase(svc.Name, recoveries[svc.Name]))
	}
	all := suites{Name: s.Name, Tests: s.Tests, Failures: s.Failures, Skipped: s.Skipped, Time: seconds, Suites: []suite{s}}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		panic(err) // strings and numbers always become XML
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// phaseOf maps verdicts about one phase to it.
var phaseOf = map[int]chaos.Phase{1: chaos.WarmUp, 5: chaos.Settle, 7: chaos.Shutdown, 9: chaos.Faults}

func inSeconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

func (s *suite) add(c testcase) {
	s.Tests++
	if c.Failure != nil {
		s.Failures++
	}
	if c.Skipped != nil {
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

func (r Result) serviceCase(name string, rec chaos.Recovery) testcase {
	c := testcase{Class: "gosv.chaos.services", Name: name, Output: "no recovery: no lethal fault was injected into it"}
	if len(rec.Times) > 0 {
		c.Time = inSeconds(rec.Quantile(1))
		c.Output = rec.String()
	}
	if wrong := r.violationsOf(name); len(wrong) > 0 {
		c.Failure = &reason{Message: wrong[0], Text: strings.Join(wrong, "\n")}
	}
	return c
}

// violationsOf returns the violations that name a service.
func (r Result) violationsOf(service string) (lines []string) {
	word := regexp.MustCompile(`(^|[ ,;])` + regexp.QuoteMeta(service) + `(: | is )`)
	for _, v := range r.Verdicts {
		for _, line := range v.Evidence[:v.Violations] {
			if word.MatchString(line) {
				lines = append(lines, fmt.Sprintf("%d %s: %s", v.Number, v.Name, line))
			}
		}
	}
	return lines
}

func verdictCase(v chaos.Verdict) testcase {
	c := testcase{Class: "gosv.chaos.verdicts", Name: fmt.Sprintf("%02d %s", v.Number, v.Name)}
	text := strings.Join(v.Evidence, "\n")
	first, _, _ := strings.Cut(text, "\n")
	switch v.Outcome {
	case chaos.Fail:
		c.Failure = &reason{Message: first, Text: text}
	case chaos.NotRun:
		c.Skipped = &reason{Message: "not requested"}
	case chaos.Inconclusive:
		c.Skipped = &reason{Message: first, Text: text}
	default:
		c.Output = text
	}
	return c
}
