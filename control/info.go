package control

import (
	_ "embed"
	"net/http"
	"os"

	"github.com/gosv/gosv/control/api"
)

func (s *Server) getInfo(w http.ResponseWriter, _ *http.Request) error {
	info := api.Info{
		APIVersion: api.Version, Version: s.opt.Backend.Version(), PID: os.Getpid(), Started: s.opt.Backend.Started(),
		Seq: s.opt.Events.Last(), OldestSeq: s.opt.Events.Oldest(), Services: len(s.opt.Backend.Names()),
	}
	if s.opt.Config != nil {
		info.Config = s.opt.Config()
	}
	return writeJSON(w, http.StatusOK, info)
}

// OpenAPI is the description of the API for programs.
//
//go:embed openapi.json
var OpenAPI []byte

func (s *Server) getOpenAPI(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	writeText(w, http.StatusOK, OpenAPI)
	return nil
}
