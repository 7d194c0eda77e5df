package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/gosv/gosv/control/api"
)

// note says in a few words what an operator has to know about a service.
func note(svc api.Service, now time.Time) string {
	st := svc.Status
	switch {
	case st.Unkillable:
		return "cannot be killed; try: gosv describe " + svc.Name
	case st.State == api.Backoff && st.NextStart != nil:
		return fmt.Sprintf("%s, next start in %s", shortExit(st.LastExit), age(st.NextStart.Sub(now)))
	case st.State == api.Backoff:
		return fmt.Sprintf("%s, waiting for its last processes to end", shortExit(st.LastExit))
	case st.State == api.Failed && st.Consecutive > 0:
		return fmt.Sprintf("gave up after %d restarts; try: gosv describe %s", st.Consecutive, svc.Name)
	case st.State == api.Failed:
		return fmt.Sprintf("%s; try: gosv describe %s", shortExit(st.LastExit), svc.Name)
	case st.State == api.Exited:
		return shortExit(st.LastExit)
	case st.State == api.Stopping && st.Desired == api.Up:
		return "is being restarted"
	case st.State == api.Stopping && st.Deadline != nil:
		return "SIGKILL in " + age(st.Deadline.Sub(now))
	case st.State == api.Running && st.LastExit != nil && now.Sub(st.LastExit.Time) < recent:
		return fmt.Sprintf("%s %s ago", shortExit(st.LastExit), age(now.Sub(st.LastExit.Time)))
	}
	return ""
}

// recent is how long the last exit of a running service is news.
const recent = time.Hour

// shortExit is "exit 1", "SIGSEGV" or why a start failed.
func shortExit(e *api.Exit) string {
	switch {
	case e == nil:
		return "not started yet"
	case e.OOM:
		return "out of memory"
	case e.Cause == api.ByExit:
		return fmt.Sprintf("exit %d", e.Code)
	case e.Cause == api.BySignal && e.CoreDumped:
		return "SIG" + e.Signal + " with a core dump"
	case e.Cause == api.BySignal:
		return "SIG" + e.Signal
	}
	return escape(e.Text)
}

// age writes a duration in its two largest units: 3d4h, 5m12s, 8s.
func age(d time.Duration) string {
	d = max(d, 0).Round(time.Second)
	units := []struct {
		name string
		size time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}}
	for i, u := range units {
		if d < u.size && i+1 < len(units) {
			continue
		}
		text := strconv.FormatInt(int64(d/u.size), 10) + u.name
		if i+1 < len(units) && d%u.size >= units[i+1].size {
			text += strconv.FormatInt(int64(d%u.size/units[i+1].size), 10) + units[i+1].name
		}
		return text
	}
	return "0s"
}

// bytesText writes a size with three digits: 12.3M.
func bytesText(n int64) string {
	size := float64(n)
	for _, unit := range []string{"B", "K", "M", "G", "T"} {
		switch {
		case size < 10 && unit != "B":
			return strconv.FormatFloat(size, 'f', 1, 64) + unit
		case size < 1000 || unit == "T":
			return strconv.FormatFloat(size, 'f', 0, 64) + unit
		}
		size /= 1024
	}
	return ""
}

// percent is CPU time over real time, of one CPU.
func percent(cpu, real float64) string {
	if real <= 0 {
		return "-"
	}
	return strconv.FormatFloat(100*cpu/real, 'f', 1, 64) + "%"
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
