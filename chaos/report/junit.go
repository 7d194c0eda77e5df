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

// The elements of JUnit's XML that its readers agree on.
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

// EncodeJUnit writes a case for every verdict, and one for every service: about its
// recoveries, or what a verdict that failed says of it. What is inconclusive is skipped,
// with the reason. The suite's time is that of the run. A verdict about one phase has
// the time of that, and a service its slowest recovery; other verdicts are about the
// whole run, and have none.
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

// phaseOf are the verdicts that are about one phase.
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
	c := testcase{Class: "gosv.chaos.services", Name: name, Output: "no recovery: nothing has ended it"}
	if len(rec.Times) > 0 {
		c.Time = inSeconds(rec.Quantile(1))
		c.Output = fmt.Sprintf("%s, beyond the schedule p50 %s, p95 %s, p99 %s, max %s",
			chaos.Count(len(rec.Times), "recovery", "recoveries"), short(rec.Quantile(0.5)), short(rec.Quantile(0.95)), short(rec.Quantile(0.99)), short(rec.Quantile(1)))
	}
	if blame := r.blames(name); len(blame) > 0 {
		c.Failure = &reason{Message: blame[0], Text: strings.Join(blame, "\n")}
	}
	return c
}

// blames are what verdicts that failed say of a service: evidence begins with whom it
// is about, or lists whom it is about.
func (r Result) blames(service string) (lines []string) {
	word := regexp.MustCompile(`(^|[ ,;])` + regexp.QuoteMeta(service) + `(: | is )`)
	for _, v := range r.Verdicts {
		for _, line := range v.Evidence[:v.Wrong] {
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
	case chaos.Inconclusive:
		c.Skipped = &reason{Message: first, Text: text}
	default:
		c.Output = text
	}
	return c
}
