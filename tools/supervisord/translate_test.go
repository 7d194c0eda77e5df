package supervisord

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
)

// play translates events of a service, each a name and a payload.
func play(t *testing.T, s Service, events ...[2]string) (all []chaos.Event) {
	t.Helper()
	tr := newTranslator([]Service{s})
	for i, e := range events {
		n, err := readNotification(reader(envelope("PROCESS_STATE_"+e[0], "processname:"+s.Name+" groupname:"+s.Name+" "+e[1])))
		require.NoError(t, err)
		if e, ok := tr.translate(n, time.Duration(i)); ok {
			all = append(all, e)
		}
	}
	return all
}

func TestARestartAndAStopAreTranslated(t *testing.T) {
	s := Service{Name: "web", Restart: config.RestartAlways}
	got := play(t, s,
		[2]string{"STARTING", "from_state:STOPPED tries:0"}, [2]string{"RUNNING", "from_state:STARTING pid:10"},
		[2]string{"EXITED", "from_state:RUNNING expected:0 pid:10"}, [2]string{"STARTING", "from_state:EXITED tries:0"},
		[2]string{"RUNNING", "from_state:STARTING pid:11"}, [2]string{"STOPPING", "from_state:RUNNING pid:11"},
		[2]string{"STOPPED", "from_state:STOPPING pid:11"}, [2]string{"UNKNOWN", "from_state:STOPPED"})
	assert.Equal(t, []chaos.Event{
		{At: 0, Service: "web", From: "stopped", To: "starting", Cause: "start"},
		{At: 1, Service: "web", From: "starting", To: "running", Cause: "spawned", Pid: 10},
		{At: 2, Service: "web", From: "running", To: "backoff", Cause: "main-exited", Pid: 10, Attempt: 1, Outcome: "an exit that is not expected"},
		{At: 3, Service: "web", From: "backoff", To: "starting", Cause: "deadline", Restarts: 1},
		{At: 4, Service: "web", From: "starting", To: "running", Cause: "spawned", Pid: 11, Restarts: 1},
		{At: 5, Service: "web", From: "running", To: "stopping", Cause: "stop", Pid: 11, Restarts: 1},
		{At: 6, Service: "web", From: "stopping", To: "stopped", Cause: "main-exited", Pid: 11, Restarts: 1},
	}, got)
}

func TestStartsThatFailAreGivenUp(t *testing.T) {
	s := Service{Name: "web", Restart: config.RestartAlways, StartRetries: 1}
	got := play(t, s,
		[2]string{"STARTING", "from_state:STOPPED tries:0"}, [2]string{"BACKOFF", "from_state:STARTING tries:1"},
		[2]string{"STARTING", "from_state:BACKOFF tries:1"}, [2]string{"BACKOFF", "from_state:STARTING tries:2"},
		[2]string{"FATAL", "from_state:BACKOFF"})
	require.Len(t, got, 5)
	assert.Equal(t, time.Second, got[1].Delay)
	assert.Equal(t, 2*time.Second, got[3].Delay)
	assert.Equal(t, "failed", got[4].To)
	assert.Equal(t, 1, got[4].Attempt)
}

func TestWhetherAnEndIsTheLastFollowsAutorestart(t *testing.T) {
	for _, tc := range []struct {
		restart  config.Restart
		expected string
		word, to string
	}{
		{config.RestartAlways, "1", "true", "backoff"},
		{config.RestartOnFailure, "1", "unexpected", "exited"},
		{config.RestartOnFailure, "0", "unexpected", "backoff"},
		{config.RestartNever, "0", "false", "exited"},
	} {
		s := Service{Name: "web", Restart: tc.restart}
		got := play(t, s, [2]string{"EXITED", "from_state:RUNNING expected:" + tc.expected + " pid:1"})
		require.Len(t, got, 1)
		assert.Equal(t, tc.to, got[0].To, "%s %s", tc.restart, tc.expected)
		assert.Equal(t, tc.word, s.autorestart())
	}
}

func TestEventsOfOthersAreIgnored(t *testing.T) {
	tr := newTranslator([]Service{{Name: "web"}})
	_, ok := tr.translate(notification{Event: "PROCESS_STATE_RUNNING", Values: map[string]string{"processname": "gate"}}, 0)
	assert.False(t, ok)
}

func TestAServiceBecomesAScriptThatKeepsEveryWord(t *testing.T) {
	s := Service{Name: "web", Path: "/bin/a b", Args: []string{"it's", "%(x)s; #"}, Env: map[string]string{"B": "2", "A": "'"}}
	assert.Equal(t, "#!/bin/sh\nexport A=''\\'''\nexport B='2'\nexec '/bin/a b' 'it'\\''s' '%(x)s; #'\n", program(s))
	assert.Contains(t, configuration("/tmp/x", "run", []Service{s}), "[program:web]\ncommand=/tmp/x/web.sh\nenvironment=GOSV_CHAOS=\"run\",GOSV_CHAOS_SERVICE=\"web\"\n")
}
