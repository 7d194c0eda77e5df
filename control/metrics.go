package control

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/gosv/gosv/control/api"
)

// Metric is one family of Prometheus' text format, version 0.0.4.
type Metric struct {
	Name, Help, Type string // Type: counter, gauge or histogram
	Samples          []Sample
}

// Sample is one value of a metric.
type Sample struct {
	Suffix string   // of a histogram: _bucket, _sum or _count
	Labels []string // name, value, name, value ...
	Value  float64
}

// add appends a sample.
func (m *Metric) add(value float64, labels ...string) {
	m.Samples = append(m.Samples, Sample{Labels: labels, Value: value})
}

func (s *Server) getMetrics(w http.ResponseWriter, _ *http.Request) error {
	metrics := serviceMetrics(s.opt.Backend.Services(s.opt.Backend.Names(), View{Usage: true}))
	metrics = append(metrics, s.ownMetrics()...)
	if s.opt.Metrics != nil {
		metrics = append(metrics, s.opt.Metrics()...)
	}
	var b strings.Builder
	for _, m := range metrics {
		m.write(&b)
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	writeText(w, http.StatusOK, []byte(b.String()))
	return nil
}

// ownMetrics are about the API itself.
func (s *Server) ownMetrics() []Metric {
	one := func(name, kind, help string, value int64) Metric {
		return Metric{Name: name, Type: kind, Help: help, Samples: []Sample{{Value: float64(value)}}}
	}
	return []Metric{
		one("gosv_events_total", "counter", "Events that were numbered.", int64(s.opt.Events.Last())),
		one("gosv_control_requests_total", "counter", "Requests to the control API.", s.counts.requests.Load()),
		one("gosv_control_refused_total", "counter", "Requests without permission.", s.counts.refused.Load()),
		one("gosv_control_slow_clients_total", "counter", "Streams that were ended because their client did not read.", s.counts.slowClients.Load()),
		one("gosv_control_connections", "gauge", "Open connections to the control API.", int64(s.conns.count())),
	}
}

var allStates = []api.State{api.Stopped, api.Starting, api.Running, api.Backoff, api.Stopping, api.Exited, api.Failed}

// serviceMetrics are about services, a sample each.
func serviceMetrics(services []api.Service) []Metric {
	state := Metric{Name: "gosv_service_state", Type: "gauge", Help: "1 for the state that the service is in, 0 for the others."}
	restarts := Metric{Name: "gosv_service_restarts_total", Type: "counter", Help: "Restarts since gosv began."}
	uptime := Metric{Name: "gosv_service_uptime_seconds", Type: "gauge", Help: "How long the main process has been running."}
	backoff := Metric{Name: "gosv_service_backoff_seconds", Type: "gauge", Help: "How long the delay before the next start lasts, from the end of the last run."}
	memory := Metric{Name: "gosv_service_memory_bytes", Type: "gauge", Help: "Memory of the service's cgroup, or of its main process without one."}
	cpu := Metric{Name: "gosv_service_cpu_seconds_total", Type: "counter", Help: "CPU time of the present instance."}
	pressure := Metric{Name: "gosv_service_pressure_ratio", Type: "gauge", Help: "Share of the last ten seconds in which some task of the service waited for a resource (PSI)."}
	for _, svc := range services {
		st := svc.Status
		for _, one := range allStates {
			is := 0.0
			if one == st.State {
				is = 1
			}
			state.add(is, "service", svc.Name, "state", string(one))
		}
		restarts.add(float64(st.Restarts), "service", svc.Name)
		uptime.add(st.UptimeSeconds, "service", svc.Name)
		if st.NextStart != nil {
			backoff.add(st.NextStart.Sub(st.Since).Seconds(), "service", svc.Name)
		}
		if u := st.Usage; u != nil {
			memory.add(float64(u.MemoryBytes), "service", svc.Name)
			cpu.add(u.CPUSeconds, "service", svc.Name)
			if p := u.Pressure; p != nil {
				pressure.add(p.CPU/100, "service", svc.Name, "resource", "cpu")
				pressure.add(p.Memory/100, "service", svc.Name, "resource", "memory")
				pressure.add(p.IO/100, "service", svc.Name, "resource", "io")
			}
		}
	}
	return []Metric{state, restarts, uptime, backoff, memory, cpu, pressure}
}

// String is the family in the text format.
func (m Metric) String() string {
	var b strings.Builder
	m.write(&b)
	return b.String()
}

// write appends the family; one without samples is left out.
func (m Metric) write(b *strings.Builder) {
	if len(m.Samples) == 0 {
		return
	}
	fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s %s\n", m.Name, m.Help, m.Name, m.Type)
	for _, s := range m.Samples {
		b.WriteString(m.Name + s.Suffix)
		for i := 0; i+1 < len(s.Labels); i += 2 {
			open := ","
			if i == 0 {
				open = "{"
			}
			b.WriteString(open + s.Labels[i] + `="` + escapeLabel.Replace(s.Labels[i+1]) + `"`)
		}
		if len(s.Labels) > 0 {
			b.WriteByte('}')
		}
		b.WriteString(" " + strconv.FormatFloat(s.Value, 'g', -1, 64) + "\n")
	}
}

var escapeLabel = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
