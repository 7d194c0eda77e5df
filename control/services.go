package control

import (
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/gosv/gosv/control/api"
)

func (s *Server) listServices(w http.ResponseWriter, req *http.Request) error {
	view, err := s.view(req, View{Spec: true, Usage: true})
	if err != nil {
		return err
	}
	list := api.ServiceList{APIVersion: api.Version, Seq: s.opt.Events.Last(), Services: []api.Service{}}
	names := s.opt.Backend.Names()
	if patterns := req.URL.Query()["name"]; len(patterns) > 0 {
		if names, err = match(names, patterns); err != nil {
			return err
		}
	}
	list.Services = append(list.Services, s.opt.Backend.Services(names, view)...)
	return writeJSON(w, http.StatusOK, list)
}

func (s *Server) getService(w http.ResponseWriter, req *http.Request) error {
	view, err := s.view(req, View{Spec: true, Usage: true, Exits: true})
	if err != nil {
		return err
	}
	found := s.opt.Backend.Services([]string{req.PathValue("name")}, view)
	if len(found) == 0 {
		return s.noSuchService(req.PathValue("name"))
	}
	return writeJSON(w, http.StatusOK, found[0])
}

// view reads what the client wants to see; standard is what it sees otherwise.
func (s *Server) view(req *http.Request, standard View) (View, error) {
	view := standard
	for name, field := range map[string]*bool{"spec": &view.Spec, "usage": &view.Usage, "secrets": &view.Secrets} {
		value, err := flag(req, name, *field)
		if err != nil {
			return view, err
		}
		*field = value
	}
	if view.Secrets {
		return view, s.opt.Access.checkSecrets(req)
	}
	return view, nil
}

// match resolves names and glob patterns, in the order of the configuration. A
// pattern that matches nothing is an error: it is a typing mistake as a rule.
func match(names, patterns []string) ([]string, error) {
	wanted := map[string]bool{}
	for _, pattern := range patterns {
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, problem(CodeBadParameter, "%q is not a pattern: %v", pattern, err)
		}
		found := false
		for _, name := range names {
			if ok, _ := path.Match(pattern, name); ok || name == pattern {
				wanted[name], found = true, true
			}
		}
		if !found {
			return nil, noSuchService(names, pattern)
		}
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !wanted[name] }), nil
}

func (s *Server) noSuchService(name string) error {
	return noSuchService(s.opt.Backend.Names(), name)
}

func noSuchService(names []string, name string) error {
	p := problem(CodeNoSuchService, "no service is called %q", name)
	switch {
	case strings.ContainsAny(name, `*?[\`):
		p.Detail = problem(CodeNoSuchService, "no service matches %q", name).Detail
	case len(names) <= 10:
		p.Detail += "; there are " + join(names, "and")
	}
	return p
}
