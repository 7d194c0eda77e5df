package control

import (
	"fmt"
	"net/http"

	"github.com/gosv/gosv/control/api"
)

// Code names one kind of error. Codes are stable: programs branch on them.
type Code string

// The codes. docs/reference/errors.md explains each; a test compares the two.
const (
	CodeNotFound        Code = "not_found"
	CodeMethod          Code = "method_not_allowed"
	CodeBadRequest      Code = "bad_request"
	CodeBadParameter    Code = "bad_parameter"
	CodeTooLarge        Code = "body_too_large"
	CodeMediaType       Code = "unsupported_media_type"
	CodeForbidden       Code = "forbidden"
	CodeSecrets         Code = "secrets_forbidden"
	CodeReadOnly        Code = "read_only"
	CodeUnauthorized    Code = "unauthorized"
	CodeBadHost         Code = "bad_host"
	CodeBadOrigin       Code = "bad_origin"
	CodeNoSuchService   Code = "no_such_service"
	CodeNotRunning      Code = "not_running"
	CodeBadSignal       Code = "bad_signal"
	CodeNoSuchOperation Code = "no_such_operation"
	CodeEventsGone      Code = "events_gone"
	CodeNoLogs          Code = "no_logs"
	CodeTooManyCommands Code = "too_many_commands"
	CodeTooManyClients  Code = "too_many_clients"
	CodeNotAvailable    Code = "not_available"
	CodeShuttingDown    Code = "shutting_down"
	CodeNoConfig        Code = "no_config"
	CodeConfigInvalid   Code = "config_invalid"
	CodeInternal        Code = "internal"
)

// kind is what all errors of one code have in common.
type kind struct {
	Code   Code
	Status int
	Why    string
	Try    string // a command line; empty: there is none
}

// kinds has a row for every code.
var kinds = []kind{
	{CodeNotFound, http.StatusNotFound, "the path is not one of the API's", "gosv help"},
	{CodeMethod, http.StatusMethodNotAllowed, "the path exists, but not with this method; Allow names those that it has", "gosv help"},
	{CodeBadRequest, http.StatusBadRequest, "the body must be one JSON object with the documented members and no others", "gosv help"},
	{CodeBadParameter, http.StatusBadRequest, "a query parameter is unknown, repeated or out of range", "gosv help"},
	{CodeTooLarge, http.StatusRequestEntityTooLarge, "a body may have 64 KiB", "gosv help"},
	{CodeMediaType, http.StatusUnsupportedMediaType, "a body must be declared as application/json", "gosv help"},
	{CodeForbidden, http.StatusForbidden, "only root, the user that runs gosv and members of socket_group may use the socket", "gosv help"},
	{CodeSecrets, http.StatusForbidden, "only root and the user that runs gosv see the values of env, and only on the unix socket", "gosv status"},
	{CodeReadOnly, http.StatusForbidden, "without --token-file a TCP client may only read", "gosv status"},
	{CodeUnauthorized, http.StatusUnauthorized, "the request needs the header Authorization: Bearer with the token of --token-file", "gosv status"},
	{CodeBadHost, http.StatusMisdirectedRequest, "the Host header must name the address that gosv listens on; other names are refused because of DNS rebinding", "gosv status"},
	{CodeBadOrigin, http.StatusForbidden, "a web page of another origin must not control services", "gosv status"},
	{CodeNoSuchService, http.StatusNotFound, "no service of the configuration has this name or matches this pattern", "gosv status"},
	{CodeNotRunning, http.StatusConflict, "only a running service can be signalled", "gosv status"},
	{CodeBadSignal, http.StatusBadRequest, "the signal must be one that signal(7) lists, with or without SIG", "gosv help signal"},
	{CodeNoSuchOperation, http.StatusNotFound, "gosv keeps the last 200 operations, and none of an earlier gosv", "gosv events"},
	{CodeEventsGone, http.StatusGone, "gosv keeps the last events only; read the list of services, and continue after its seq", "gosv status"},
	{CodeNoLogs, http.StatusNotFound, "this gosv keeps no lines of its services", "gosv status"},
	{CodeTooManyCommands, http.StatusServiceUnavailable, "the queue of commands is full", "gosv status"},
	{CodeTooManyClients, http.StatusServiceUnavailable, "too many clients wait or follow a stream", "gosv status"},
	{CodeNotAvailable, http.StatusNotImplemented, "this gosv cannot do it", "gosv help"},
	{CodeShuttingDown, http.StatusConflict, "a shutdown is absorbing: nothing is started after it", "gosv status"},
	{CodeNoConfig, http.StatusConflict, "only a gosv that was started by --config FILE can read that file again", "gosv status"},
	{CodeConfigInvalid, http.StatusUnprocessableEntity, "a reload is all or nothing: with an error in the file nothing changes", "gosv check services.json"},
	{CodeInternal, http.StatusInternalServerError, "this is a bug of gosv; its log has the details", "gosv --version"},
}

// problem makes the error of a request. The detail says what happened, with names.
func problem(code Code, format string, args ...any) *api.Problem {
	for _, k := range kinds {
		if k.Code == code {
			return &api.Problem{
				Type: "about:blank", Title: http.StatusText(k.Status), Status: k.Status,
				Code: string(code), Detail: fmt.Sprintf(format, args...), Why: k.Why, Try: k.Try,
			}
		}
	}
	panic("control: no row for the code " + string(code))
}

// NotAvailable is the error of a verb that a backend does not have.
func NotAvailable(verb api.Verb) error { return problem(CodeNotAvailable, "gosv cannot %s", verb) }

// Tries lists the commands that errors recommend, with NAME for a service.
func Tries() []string {
	all := []string{"gosv describe NAME"} // of a failed operation
	for _, k := range kinds {
		all = append(all, k.Try)
	}
	return all
}
