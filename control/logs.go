package control

import (
	"net/http"

	"github.com/gosv/gosv/control/api"
)

// streamLogs sends the last lines of services, and follows them if asked to.
func (s *Server) streamLogs(w http.ResponseWriter, req *http.Request) error {
	if s.opt.Logs == nil {
		return problem(CodeNoLogs, "the lines of services are not kept")
	}
	n, err := number(req, "n", 10, 1<<31)
	if err != nil {
		return err
	}
	after, err := number(req, "after", 0, 1<<63)
	if err != nil {
		return err
	}
	follow, err := flag(req, "follow", false)
	if err != nil {
		return err
	}
	names := s.opt.Backend.Names()
	if patterns := req.URL.Query()["service"]; len(patterns) > 0 {
		if names, err = match(names, patterns); err != nil {
			return err
		}
	}
	var lines []api.Line
	if !req.URL.Query().Has("after") {
		lines, after = s.opt.Logs.Tail(names, int(n))
	}
	out := newStream(w, req, s.opt.Patience)
	for {
		for _, line := range lines {
			if err := out.send(line.Seq, line); err != nil {
				return s.lose(err)
			}
		}
		if err := out.flush(); err != nil {
			return s.lose(err)
		}
		if !follow {
			return nil
		}
		if lines, after, err = s.opt.Logs.Follow(req.Context(), names, after); err != nil {
			return nil // the client has left, or gosv ends
		}
	}
}
