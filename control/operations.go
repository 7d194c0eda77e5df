package control

import (
	"net/http"
	"time"

	"github.com/gosv/gosv/control/api"
	"github.com/gosv/gosv/internal/signame"
)

// maxWait is how long one request may wait for an operation. A client asks again.
const maxWait = 5 * time.Minute

func (s *Server) listOperations(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, api.OperationList{APIVersion: api.Version, Seq: s.opt.Events.Last(), Operations: s.track.list()})
}

func (s *Server) getOperation(w http.ResponseWriter, req *http.Request) error {
	wait, err := duration("wait", req.URL.Query().Get("wait"), maxWait)
	if err != nil {
		return err
	}
	op, ended, found := s.track.get(req.PathValue("id"))
	if found && op.State == api.Pending && wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-ended:
		case <-timer.C:
		case <-req.Context().Done():
		}
		op, _, found = s.track.get(req.PathValue("id"))
	}
	if !found {
		return problem(CodeNoSuchOperation, "there is no operation %q", req.PathValue("id"))
	}
	return writeJSON(w, http.StatusOK, op)
}

func (s *Server) postOperation(w http.ResponseWriter, req *http.Request) error {
	var body api.CommandRequest
	if err := readJSON(req, &body); err != nil {
		return err
	}
	r, err := s.resolve(body)
	if err != nil {
		return err
	}
	op, err := s.track.begin(r)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/v1/operations/"+op.ID)
	return writeJSON(w, http.StatusAccepted, op)
}

// resolve checks a command and finds its services.
func (s *Server) resolve(body api.CommandRequest) (r request, err error) {
	r = request{verb: body.Verb}
	if r.timeout, err = duration("timeout", body.Timeout, 24*time.Hour); err != nil {
		return r, err
	}
	switch body.Verb {
	case api.Start, api.Stop, api.Restart, api.Reset, api.Signal:
	case api.Shutdown:
		if body.All || len(body.Services) > 0 || body.Signal != "" {
			return r, problem(CodeBadRequest, "a shutdown takes no services and no signal")
		}
		return r, nil
	default:
		return r, problem(CodeBadRequest, "%q is not a verb; use start, stop, restart, signal, reset or shutdown", body.Verb)
	}
	if r.signal, err = signalOf(body); err != nil {
		return r, err
	}
	names := s.opt.Backend.Names()
	switch {
	case body.All && len(body.Services) > 0:
		return r, problem(CodeBadRequest, "all and services exclude each other")
	case body.All:
		r.services = names
	case len(body.Services) == 0:
		return r, problem(CodeBadRequest, "name services, or set all")
	default:
		r.services, err = match(names, body.Services)
	}
	if err != nil || r.verb != api.Signal {
		return r, err
	}
	for _, svc := range s.opt.Backend.Services(r.services, View{}) {
		if svc.Status.PID == 0 {
			return r, problem(CodeNotRunning, "%s is %s", svc.Name, svc.Status.State)
		}
	}
	return r, nil
}

// signalOf is the name of the signal without SIG.
func signalOf(body api.CommandRequest) (string, error) {
	if body.Verb != api.Signal {
		if body.Signal != "" {
			return "", problem(CodeBadRequest, "only the verb signal takes a signal")
		}
		return "", nil
	}
	sig, known := signame.Parse(body.Signal)
	if !known {
		return "", problem(CodeBadSignal, "%q is not the name of a signal", body.Signal)
	}
	return signame.Name(sig), nil
}
