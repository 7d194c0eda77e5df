package config

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/gosv/gosv/internal/signame"
)

// MarshalJSON writes the file with every default that has an effect spelled out, so that Load
// returns the same File. It fails for sizes that are no whole number of KiB or MiB, which
// no text can express.
func (f File) MarshalJSON() ([]byte, error) {
	if f.LineMax%(1<<10) != 0 {
		return nil, fmt.Errorf("cannot write line_max: %d bytes are no whole number of KiB", f.LineMax)
	}
	text := fileText{Cgroup: f.Cgroup, LineMax: formatSize(f.LineMax), LogDir: f.LogDir, Socket: f.Socket, SocketGroup: f.SocketGroup}
	for _, s := range f.Services {
		if s.Limits.MemoryMax%mebibyte != 0 || s.Limits.MemoryHigh%mebibyte != 0 || s.Limits.MemorySwap != nil && *s.Limits.MemorySwap > 0 && *s.Limits.MemorySwap%mebibyte != 0 {
			return nil, fmt.Errorf("cannot write the memory limits of service %q: they are no whole number of MiB", s.Name)
		}
		text.Services = append(text.Services, textOf(s))
	}
	return json.Marshal(text)
}

// Text writes one service as MarshalJSON writes it among the services of a file.
func (s Service) Text() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // commands are full of < and &
	err := e.Encode(textOf(s))
	return bytes.TrimSpace(b.Bytes()), err
}

type fileText struct {
	Cgroup      CgroupMode    `json:"cgroup"`
	LineMax     string        `json:"line_max"`
	LogDir      string        `json:"log_dir,omitempty"`
	Socket      string        `json:"socket,omitempty"`
	SocketGroup string        `json:"socket_group,omitempty"`
	Services    []serviceText `json:"services"`
}

type serviceText struct {
	Name         string            `json:"name"`
	Command      string            `json:"command"`
	Args         []string          `json:"args,omitempty"`
	Dir          string            `json:"dir,omitempty"`
	Env          map[string]string `json:"env,omitempty"`
	Restart      Restart           `json:"restart"`
	MaxRestarts  int               `json:"max_restarts"`
	Backoff      backoffText       `json:"backoff"`
	StopSignal   string            `json:"stop_signal"`
	StopTimeout  string            `json:"stop_timeout"`
	StartTimeout string            `json:"start_timeout"`
	MemoryMB     int64             `json:"memory_mb,omitempty"`
	MemoryHighMB int64             `json:"memory_high_mb,omitempty"`
	MemorySwapMB *int64            `json:"memory_swap_mb,omitempty"`
	CPUPercent   int               `json:"cpu_percent,omitempty"`
	CPUWeight    int               `json:"cpu_weight,omitempty"`
	PidsMax      int               `json:"pids_max,omitempty"`
	CPUSet       string            `json:"cpuset,omitempty"`
	IOWeight     int               `json:"io_weight,omitempty"`
	Autostart    bool              `json:"autostart"`
	Essential    bool              `json:"essential,omitempty"`
	Chaos        bool              `json:"chaos"`
	processText
}

type backoffText struct {
	Initial    string  `json:"initial"`
	Factor     float64 `json:"factor,omitempty"`
	Max        string  `json:"max"`
	Jitter     float64 `json:"jitter,omitempty"`
	ResetAfter string  `json:"reset_after"`
}

func swapMB(bytes *int64) *int64 {
	if bytes == nil || *bytes <= 0 {
		return bytes
	}
	mb := *bytes / mebibyte
	return &mb
}

func textOf(s Service) serviceText {
	b := s.Backoff
	if b.Initial == 0 && b.Factor == DefaultBackoff.Factor {
		b.Factor = 0 // left out: Load warns of what has no effect
	}
	return serviceText{
		Name: s.Name, Command: s.Command, Args: s.Args, Dir: s.Dir, Env: s.Env,
		Restart: s.Restart, MaxRestarts: s.MaxRestarts,
		Backoff:    backoffText{short(b.Initial), b.Factor, short(b.Max), b.Jitter, short(b.ResetAfter)},
		StopSignal: signame.Name(s.StopSignal), StopTimeout: short(s.StopTimeout), StartTimeout: short(s.StartTimeout),
		MemoryMB: s.Limits.MemoryMax / mebibyte, MemoryHighMB: s.Limits.MemoryHigh / mebibyte,
		MemorySwapMB: swapMB(s.Limits.MemorySwap),
		CPUPercent:   s.Limits.CPUPercent, CPUWeight: s.Limits.CPUWeight, PidsMax: s.Limits.PidsMax,
		CPUSet: s.Limits.CPUs, IOWeight: s.Limits.IOWeight,
		Autostart: !s.Manual, Essential: s.Essential, Chaos: !s.Spared, processText: processTextOf(s.Process),
	}
}
