package control

import (
	"net/http"

	"github.com/gosv/gosv/control/api"
)

func (s *Server) postReload(w http.ResponseWriter, req *http.Request) error {
	var body api.ReloadRequest
	if err := readJSON(req, &body); err != nil {
		return err
	}
	if s.opt.Reload == nil {
		return problem(CodeNoConfig, "gosv was started without a configuration file")
	}
	done, err := s.opt.Reload(req.Context(), body.DryRun)
	if err != nil {
		return problem(CodeConfigInvalid, "%v", err)
	}
	return writeJSON(w, http.StatusOK, done)
}
