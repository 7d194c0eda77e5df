package procfs

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const statusOfCat = `Name:	cat
Umask:	0022
State:	R (running)
Tgid:	5698
Ngid:	0
Pid:	5698
PPid:	5645
TracerPid:	0
Uid:	1000	1001	1002	1003
Gid:	0	0	0	5
FDSize:	256
Groups:	 
Kthread:	0
VmPeak:	    3061 kB
VmSize:	    3060 kB
VmHWM:	    1661 kB
VmRSS:	    1660 kB
RssAnon:	     108 kB
RssFile:	    1552 kB
RssShmem:	       0 kB
VmData:	     360 kB
VmStk:	     132 kB
VmPTE:	      48 kB
VmSwap:	       4 kB
Threads:	3
SigQ:	0/96365
SigPnd:	0000000000000001
ShdPnd:	0000000000000002
SigBlk:	0000000000010000
SigIgn:	0000000000001000
SigCgt:	ffffffffffffffff
`

func TestParseStatus(t *testing.T) {
	got, err := ParseStatus([]byte(statusOfCat))
	require.NoError(t, err)
	assert.Equal(t, Status{Name: "cat", State: 'R', Pid: 5698, Ppid: 5645, UIDs: [4]int{1000, 1001, 1002, 1003}, GIDs: [4]int{3: 5}, Threads: 3,
		VM: &VM{Peak: 3061 << 10, Size: 3060 << 10, HWM: 1661 << 10, RSS: 1660 << 10, Anon: 108 << 10, File: 1552 << 10,
			Swap: 4 << 10, Data: 360 << 10, Stack: 132 << 10, PTE: 48 << 10},
		Pending: 1, SharedPending: 2, Blocked: 0x10000, Ignored: 0x1000, Caught: math.MaxUint64}, got)
}

func TestParseStatusOddities(t *testing.T) {
	tests := map[string]struct {
		text string
		want Status
	}{
		"a zombie has no memory":   {"Name:\tx\nState:\tZ (zombie)\nPid:\t7\nThreads:\t1\n", Status{Name: "x", State: 'Z', Pid: 7, Threads: 1}},
		"a name in escapes":        {"Name:\ta\\nb\\\\n: c\nState:\tS (sleeping)\nPid:\t7\n", Status{Name: "a\nb\\n: c", State: 'S', Pid: 7}},
		"an empty name":            {"Name:\t\nState:\tS\nPid:\t7\n", Status{State: 'S', Pid: 7}},
		"all memory there can be":  {"Name:\tx\nState:\tS\nPid:\t7\nVmRSS:\t18014398509481983 kB\n", Status{Name: "x", State: 'S', Pid: 7, VM: &VM{RSS: math.MaxUint64 &^ 1023}}},
		"no newline at the end":    {"Name:\tx\nState:\tS\nPid:\t7", Status{Name: "x", State: 'S', Pid: 7}},
		"lines that are not known": {"Name:\tx\nnonsense\nNew:\t?\nState:\tS\nPid:\t7\n", Status{Name: "x", State: 'S', Pid: 7}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseStatus([]byte(tt.text))
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestParseStatusErrors(t *testing.T) {
	const head = "Name:\tx\nState:\tS\nPid:\t7\n"
	tests := map[string]struct{ text, want string }{
		"nothing":             {"", "there is no line \"Name:\""},
		"torn":                {"Name:\tx\nSta", "there is no line \"State:\""},
		"no state":            {"Name:\tx\nState:\t\nPid:\t7\n", `State is "": it is empty`},
		"memory without unit": {head + "VmRSS:\t12\n", `VmRSS is "12": kB are missing`},
		"memory in letters":   {head + "VmRSS:\tmuch kB\n", `VmRSS is "much kB": strconv.ParseUint: parsing "much": invalid syntax`},
		"too much memory":     {head + "VmRSS:\t18446744073709551615 kB\n", `VmRSS is "18446744073709551615 kB": value out of range`},
		"three users":         {head + "Uid:\t1\t2\t3\n", "Uid is \"1\\t2\\t3\": four numbers were expected"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := ParseStatus([]byte(tt.text))
			assert.EqualError(t, err, tt.want)
		})
	}
}

func renderStatus(s Status) string {
	name := strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(s.Name)
	text := fmt.Sprintf("Name:\t%s\nState:\t%c\nPid:\t%d\nPPid:\t%d\nThreads:\t%d\n", name, s.State, s.Pid, s.Ppid, s.Threads)
	text += fmt.Sprintf("Uid:\t%d\t%d\t%d\t%d\n", s.UIDs[0], s.UIDs[1], s.UIDs[2], s.UIDs[3])
	text += fmt.Sprintf("Gid:\t%d\t%d\t%d\t%d\n", s.GIDs[0], s.GIDs[1], s.GIDs[2], s.GIDs[3])
	text += fmt.Sprintf("SigPnd:\t%016x\nShdPnd:\t%x\nSigBlk:\t%x\nSigIgn:\t%x\nSigCgt:\t%x\n",
		s.Pending, s.SharedPending, s.Blocked, s.Ignored, s.Caught)
	if v := s.VM; v != nil {
		for key, size := range map[string]uint64{"VmPeak": v.Peak, "VmSize": v.Size, "VmHWM": v.HWM, "VmRSS": v.RSS, "RssAnon": v.Anon,
			"RssFile": v.File, "RssShmem": v.Shm, "VmSwap": v.Swap, "VmData": v.Data, "VmStk": v.Stack, "VmPTE": v.PTE} {
			text += fmt.Sprintf("%s:\t%8d kB\n", key, size>>10)
		}
	}
	return text
}

func FuzzParseStatus(f *testing.F) {
	f.Add([]byte(statusOfCat))
	f.Add([]byte("Name:\ta\\nb\\\\\nState:\tZ\nPid:\t1\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		first, err := ParseStatus(text)
		if err != nil {
			return
		}
		second, err := ParseStatus([]byte(renderStatus(first)))
		require.NoError(t, err)
		require.Equal(t, first, second)
	})
}
