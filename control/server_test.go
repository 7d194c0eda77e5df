package control_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/control/api"
	"github.com/gosv/gosv/control/client"
)

// Every wrong request has its own code, and none reaches the supervisor.
func TestWrongRequests(t *testing.T) {
	w := serve(t)
	for _, c := range []struct {
		method, path, body string
		status             int
		code               string
	}{
		{"GET", "/", "", 404, "not_found"},
		{"GET", "/v2/services", "", 404, "not_found"},
		{"GET", "/v1/services/no", "", 404, "no_such_service"},
		{"GET", "/v1/services/a%2Fb", "", 404, "no_such_service"},
		{"GET", "/v1/services?name=no", "", 404, "no_such_service"},
		{"GET", "/v1/services?name=n*", "", 404, "no_such_service"},
		{"GET", "/v1/services?name=%5B", "", 400, "bad_parameter"},
		{"GET", "/v1/services?nmae=web", "", 400, "bad_parameter"},
		{"GET", "/v1/services?spec=2", "", 400, "bad_parameter"},
		{"GET", "/v1/services?spec=1&spec=1", "", 400, "bad_parameter"},
		{"GET", "/v1/services?spec=1;usage=1", "", 400, "bad_parameter"},
		{"DELETE", "/v1/services/web", "", 405, "method_not_allowed"},
		{"PUT", "/v1/operations", "{}", 405, "method_not_allowed"},
		{"POST", "/v1/operations", "", 415, "unsupported_media_type"},
		{"POST", "/v1/operations", "{", 400, "bad_request"},
		{"POST", "/v1/operations", "{} {}", 400, "bad_request"},
		{"POST", "/v1/operations", `{"verb":"stop","service":["web"]}`, 400, "bad_request"},
		{"POST", "/v1/operations", `{"Verb":"stop","services":["web"]}`, 400, "bad_request"},
		{"POST", "/v1/operations", `{"verb":"stop","verb":"stop","services":["web"]}`, 400, "bad_request"},
		{"POST", "/v1/operations", `{"verb":"fly","services":["web"]}`, 400, "bad_request"},
		{"POST", "/v1/operations", `{"verb":"stop"}`, 400, "bad_request"},
		{"POST", "/v1/operations", `{"verb":"stop","services":["web"],"all":true}`, 400, "bad_request"},
		{"POST", "/v1/operations", `{"verb":"stop","services":["web"],"signal":"HUP"}`, 400, "bad_request"},
		{"POST", "/v1/operations", `{"verb":"stop","services":["web"],"timeout":"-1s"}`, 400, "bad_parameter"},
		{"POST", "/v1/operations", `{"verb":"stop","services":["no"]}`, 404, "no_such_service"},
		{"POST", "/v1/operations", `{"verb":"stop","services":["web","no"]}`, 404, "no_such_service"},
		{"POST", "/v1/operations", `{"verb":"signal","services":["web"],"signal":"HUPP"}`, 400, "bad_signal"},
		{"POST", "/v1/operations", `{"verb":"signal","services":["job"],"signal":"HUP"}`, 409, "not_running"},
		{"POST", "/v1/operations", `{"verb":"` + strings.Repeat("x", 70_000) + `"}`, 413, "body_too_large"},
		{"GET", "/v1/operations/1", "", 404, "no_such_operation"},
		{"GET", "/v1/operations/1?wait=1h", "", 400, "bad_parameter"},
		{"GET", "/v1/operations/1?wait=x", "", 400, "bad_parameter"},
		{"GET", "/v1/events?after=7", "", 410, "events_gone"},
		{"GET", "/v1/events?after=x", "", 400, "bad_parameter"},
		{"POST", "/v1/reload", `{"dry":true}`, 400, "bad_request"},
		{"POST", "/v1/reload", `{}`, 409, "no_config"},
		{"GET", "/v1/logs", "", 404, "no_logs"},
	} {
		p := w.problem(c.method, c.path, c.body)
		assert.Equal(t, c.status, p.Status, "%s %s %.80s: %+v", c.method, c.path, c.body, p)
		assert.Equal(t, c.code, p.Code, "%s %s %.80s: %+v", c.method, c.path, c.body, p)
		assert.NotEmpty(t, p.Why, c.code)
		assert.NotEmpty(t, p.Detail, c.code)
		assert.NotEmpty(t, p.Try, c.code)
	}
	assert.Empty(t, w.commands)
}

func TestWrongMethodNamesTheRightOnes(t *testing.T) {
	w := serve(t)
	resp, _ := w.do("PATCH", "/v1/operations", "")
	assert.Equal(t, []string{"GET", "POST"}, resp.Header.Values("Allow"))
}

func TestServicesAreListed(t *testing.T) {
	w := serve(t)
	w.change("web", api.Starting, api.Running, api.Up)
	list, err := w.client.Services(t.Context(), client.ListOptions{Usage: true})
	require.NoError(t, err)
	assert.Equal(t, "v1", list.APIVersion)
	assert.EqualValues(t, 1, list.Seq)
	require.Len(t, list.Services, 3)
	assert.Equal(t, api.Running, list.Services[0].Status.State)
	assert.Nil(t, list.Services[0].Spec, "not asked for")
	assert.Nil(t, list.Services[0].Status.Exits, "only of one service")

	list, err = w.client.Services(t.Context(), client.ListOptions{Names: []string{"job", "w*"}, Spec: true})
	require.NoError(t, err)
	require.Len(t, list.Services, 3)
	assert.Equal(t, "web", list.Services[0].Name, "in the order of the configuration")
	assert.Nil(t, list.Services[0].Status.Usage)
}

// Values of env leave gosv only for those who ask for them and may see them.
func TestSecretsAreHidden(t *testing.T) {
	w := serve(t)
	for _, path := range []string{"/v1/services", "/v1/services/web", "/v1/services/web?secrets=0"} {
		_, text := w.do("GET", path, "")
		assert.NotContains(t, text, "swordfish", path)
		assert.Contains(t, text, "(hidden)", path)
	}
	_, text := w.do("GET", "/v1/services/web?secrets=1", "")
	assert.Contains(t, text, "swordfish")
}

func TestInfo(t *testing.T) {
	w := serve(t)
	info, err := w.client.Info(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "v1.2.3", info.Version)
	assert.Equal(t, 3, info.Services)
	assert.NotZero(t, info.PID)
}

func TestClientWithoutAServer(t *testing.T) {
	_, err := client.New(t.TempDir() + "/none").Info(t.Context())
	assert.ErrorIs(t, err, client.ErrNoSupervisor)
}

func TestClientReturnsProblems(t *testing.T) {
	w := serve(t)
	_, err := w.client.Service(t.Context(), "no", false)
	var p *api.Problem
	require.True(t, errors.As(err, &p), "%v", err)
	assert.Equal(t, "no_such_service", p.Code)
	assert.Equal(t, http.StatusNotFound, p.Status)
	assert.Equal(t, `no service is called "no"; there are web, worker and job`, p.Detail)
}
