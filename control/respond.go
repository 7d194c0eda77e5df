package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/gosv/gosv/control/api"
)

// writeJSON answers with one JSON value and a newline, for people with curl.
func writeJSON(w http.ResponseWriter, status int, value any) error {
	text, err := encode(value)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	writeText(w, status, text)
	return nil
}

// encode writes one line of JSON. Commands are full of < and &: they stay readable.
func encode(value any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(value)
	return b.Bytes(), err
}

func writeProblem(w http.ResponseWriter, p *api.Problem) {
	text, _ := encode(p) // it has nothing that cannot be written
	w.Header().Set("Content-Type", api.ProblemType)
	writeText(w, p.Status, text)
}

func writeText(w http.ResponseWriter, status int, text []byte) {
	h := w.Header()
	h.Set("Content-Length", strconv.Itoa(len(text)))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(text) // a client that has left is no error of ours
}

// readJSON decodes the body strictly: unknown, repeated and wrong-case members
// are errors, and so is anything after the value.
func readJSON(req *http.Request, value any) error {
	if kind, _, err := mime.ParseMediaType(req.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return problem(CodeMediaType, "the Content-Type is %q", req.Header.Get("Content-Type"))
	}
	text, err := io.ReadAll(req.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return problem(CodeTooLarge, "the body has more than %d bytes", tooLarge.Limit)
	case err != nil:
		return problem(CodeBadRequest, "cannot read the body: %v", err)
	}
	if err := jsonv2.Unmarshal(text, value, jsonv2.RejectUnknownMembers(true)); err != nil {
		return problem(CodeBadRequest, "cannot decode the body: %v", err)
	}
	return nil
}

// checkQuery refuses parameters that the route does not take, and those given
// twice unless the route repeats them (name and service).
func checkQuery(req *http.Request, known []string) error {
	query, err := url.ParseQuery(req.URL.RawQuery)
	if err != nil {
		return problem(CodeBadParameter, "cannot parse the query: %v", err)
	}
	for name, values := range query {
		if !slices.Contains(known, name) {
			return problem(CodeBadParameter, "there is no parameter %q here", name)
		}
		if len(values) > 1 && name != "name" && name != "service" {
			return problem(CodeBadParameter, "the parameter %q is given %d times", name, len(values))
		}
	}
	return nil
}

// flag reads a parameter that is 1 or 0.
func flag(req *http.Request, name string, standard bool) (bool, error) {
	switch value := req.URL.Query().Get(name); value {
	case "":
		return standard, nil
	case "1", "true":
		return true, nil
	case "0", "false":
		return false, nil
	default:
		return false, problem(CodeBadParameter, "%s must be 1 or 0, not %q", name, value)
	}
}

// number reads a parameter that is a whole number from 0 to most.
func number(req *http.Request, name string, standard, most uint64) (uint64, error) {
	text := req.URL.Query().Get(name)
	if text == "" {
		return standard, nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n > most {
		return 0, problem(CodeBadParameter, "%s must be a whole number from 0 to %d, not %q", name, most, text)
	}
	return n, nil
}

// duration reads a parameter such as 30s, from 0 to most.
func duration(name, text string, most time.Duration) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > most {
		return 0, problem(CodeBadParameter, "%s must be a duration from 0s to %v such as 30s, not %q", name, most, text)
	}
	return d, nil
}

// join writes a list for people: "a, b or c".
func join(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}
