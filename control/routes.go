package control

import "net/http"

// route is one row of the API. What is not here does not exist.
type route struct {
	method, path string
	summary      string
	query        []string // parameters that it takes
	writes       bool     // changes something: refused to clients that may only read
	waits        bool     // may last: counted against the limit of such requests
	serve        func(*Server, http.ResponseWriter, *http.Request) error
}

// routes is the API.
var routes = []route{
	{method: "GET", path: "/v1", summary: "who answers", serve: (*Server).getInfo},
	{method: "GET", path: "/v1/openapi.json", summary: "the description of this API", serve: (*Server).getOpenAPI},
	{method: "GET", path: "/v1/services", summary: "list services", query: []string{"name", "spec", "usage", "secrets"}, serve: (*Server).listServices},
	{method: "GET", path: "/v1/services/{name}", summary: "describe one service", query: []string{"secrets"}, serve: (*Server).getService},
	{method: "GET", path: "/v1/operations", summary: "list the last operations", serve: (*Server).listOperations},
	{method: "POST", path: "/v1/operations", summary: "give a command", writes: true, serve: (*Server).postOperation},
	{method: "GET", path: "/v1/operations/{id}", summary: "follow an operation", query: []string{"wait"}, waits: true, serve: (*Server).getOperation},
	{method: "POST", path: "/v1/reload", summary: "read the configuration file again", writes: true, serve: (*Server).postReload},
	{method: "GET", path: "/v1/events", summary: "stream events", query: []string{"after", "service", "follow"}, waits: true, serve: (*Server).streamEvents},
	{method: "GET", path: "/v1/logs", summary: "stream the last lines of services", query: []string{"service", "n", "follow", "after"}, waits: true, serve: (*Server).streamLogs},
	{method: "GET", path: "/metrics", summary: "figures for Prometheus", serve: (*Server).getMetrics},
}

// allowed are the methods of a path.
func allowed(path string) (methods []string) {
	for _, r := range routes {
		if r.path == path {
			methods = append(methods, r.method)
		}
	}
	return methods
}
