package fakesys

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"syscall"
)

// bootSeconds is the uptime of the machine at the beginning of the run.
const bootSeconds = 100

// startTicks is field 22 of stat: clock ticks since the boot.
func (p *process) startTicks() int { return p.tick + bootSeconds*100 }

// procStat is proc_pid_stat(5), in 52 fields.
func procStat(_ *World, p *process) string {
	exit := 0
	if p.dead {
		exit = int(p.status.Signal) | p.status.Code<<8
	}
	rss, size := p.rss, 4*p.rss
	if p.bare() {
		rss, size = 0, 0
	}
	cpu := ticks(p.cpu)
	tty, tpgid := 0, -1
	if p.tty {
		tty, tpgid = 34816, p.sid
	}
	b := make([]byte, 0, 200) // not fmt: a process scan reads hundreds of these
	b = strconv.AppendInt(b, int64(p.pid), 10)
	b = append(append(b, " ("...), p.comm()...)
	b = append(b, ") "...)
	b = append(b, p.letter())
	b = appendInts(b, p.ppid(), p.pgid, p.sid, tty, tpgid)
	b = append(b, " 4194304 120 0 0 0"...)
	b = appendInts(b, cpu-cpu/2, cpu/2)
	b = append(b, " 0 0"...)
	b = appendInts(b, 20+p.attrs().nice, p.attrs().nice)
	b = appendInts(b, p.threads(), 0)
	b = appendInts(b, p.startTicks(), int(size), int(rss/pageSize))
	b = append(b, " 18446744073709551615 0 0 0 0 0 0"...)
	s := &p.signals
	b = appendInts(b, int(uint32(s.mask(s.pending))), int(uint32(s.mask(s.ignored))), int(uint32(s.mask(s.caught))))
	b = append(b, " 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0"...)
	return string(append(appendInts(b, exit), '\n'))
}

// appendInts appends numbers, each after a space.
func appendInts(b []byte, numbers ...int) []byte {
	for _, n := range numbers {
		b = strconv.AppendInt(append(b, ' '), int64(n), 10)
	}
	return b
}

// threads counts threads. The first one counts until the process is reaped.
func (p *process) threads() int { return 1 + flag(p.leaderExited && !p.dead) }

// bare reports whether a process shows no memory in /proc: it is a zombie, it is exiting,
// or its first thread has exited.
func (p *process) bare() bool { return p.dead || p.noMemory || p.leaderExited }

// hasNoFiles reports whether the first thread, which /proc/PID shows, has released its
// descriptors and its umask.
func (p *process) hasNoFiles() bool { return p.dead || p.leaderExited }

func (p *process) ppid() int {
	if p.parent == nil {
		return 0
	}
	return p.parent.pid
}

// mask returns a set as the kernel shows it: signal 1 is bit 0.
func (*signalState) mask(s sigset) uint64 { return uint64(s) >> 1 }

// blockedMask returns the blocked signals: all except KILL and STOP, or none.
func (p *process) blockedMask() uint64 {
	if !p.blocked {
		return 0
	}
	return ^uint64(1<<(syscall.SIGKILL-1) | 1<<(syscall.SIGSTOP-1))
}

var stateNames = map[byte]string{'R': "R (running)", 'S': "S (sleeping)", 'D': "D (disk sleep)", 'T': "T (stopped)", 'Z': "Z (zombie)"}

// procStatus is proc_pid_status(5); a zombie has no memory lines.
func procStatus(_ *World, p *process) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Name:\t%s\n", p.comm())
	if !p.hasNoFiles() {
		fmt.Fprintf(&b, "Umask:\t%04o\n", p.attrs().umask)
	}
	fmt.Fprintf(&b, "State:\t%s\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n", stateNames[p.letter()], p.pid, p.pid, p.ppid())
	appendCredential(&b, p)
	fmt.Fprintf(&b, "FDSize:\t%d\nGroups:\t%s\nNStgid:\t%d\nNSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\nKthread:\t0\n", 64*flag(!p.hasNoFiles()), groupsText(p), p.pid, p.pid, p.pgid, p.sid)
	if !p.bare() {
		kb := p.rss >> 10
		fmt.Fprintf(&b, "VmPeak:\t%8d kB\nVmSize:\t%8d kB\nVmLck:\t       0 kB\nVmPin:\t       0 kB\nVmHWM:\t%8d kB\nVmRSS:\t%8d kB\n", 4*kb, 4*kb, kb, kb)
		fmt.Fprintf(&b, "RssAnon:\t%8d kB\nRssFile:\t%8d kB\nRssShmem:\t       0 kB\nVmData:\t%8d kB\nVmStk:\t     132 kB\n", kb/2, kb-kb/2, kb)
		b.WriteString("VmExe:\t    1024 kB\nVmLib:\t       8 kB\nVmPTE:\t      48 kB\nVmSwap:\t       0 kB\n")
	}
	s := &p.signals
	fmt.Fprintf(&b, "Threads:\t%d\nSigQ:\t0/31000\nSigPnd:\t0000000000000000\nShdPnd:\t%016x\nSigBlk:\t%016x\nSigIgn:\t%016x\nSigCgt:\t%016x\n",
		p.threads(), s.mask(s.pending), p.blockedMask(), s.mask(s.ignored), s.mask(s.caught))
	fmt.Fprintf(&b, "NoNewPrivs:\t%d\n", flag(p.attrs().noNewPrivs))
	b.WriteString("voluntary_ctxt_switches:\t1\nnonvoluntary_ctxt_switches:\t0\n")
	return b.String()
}

// procCgroup renders the line of the unified hierarchy, after those of cgroup v1 on a
// hybrid machine.
func procCgroup(w *World, p *process) string {
	if p.cgroup == nil {
		return "1:name=systemd:/\n"
	}
	line := "0::" + p.cgroup.path() + "\n"
	if w.cgroups.hybrid() {
		return "4:memory:/\n3:cpu,cpuacct:/\n2:pids:/\n1:name=systemd:/\n" + line
	}
	return line
}

// hybrid reports whether cgroup v1 hierarchies are mounted too.
func (fs *cgroupFS) hybrid() bool { return fs.opt.Mount != "/sys/fs/cgroup" }

func procCmdline(_ *World, p *process) string {
	if len(p.args) == 0 {
		return ""
	}
	return strings.Join(p.args, "\x00") + "\x00"
}

func procEnviron(_ *World, p *process) string {
	if len(p.env) == 0 {
		return ""
	}
	return strings.Join(p.env, "\x00") + "\x00"
}

func procMaps(_ *World, p *process) string {
	heap := max(0, p.rss-1<<20)
	return fmt.Sprintf("00400000-00500000 r-xp 00000000 08:01 1001                               %s\n"+
		"01000000-%08x rw-p 00000000 00:00 0                                  [heap]\n"+
		"7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                          [stack]\n", p.path, 0x1000000+heap)
}

func procRollup(_ *World, p *process) string {
	kb := p.rss >> 10
	var b strings.Builder
	b.WriteString("00400000-7ffc00021000 ---p 00000000 00:00 0                              [rollup]\n")
	for _, line := range []struct {
		name string
		kb   int64
	}{{"Rss", kb}, {"Pss", kb - kb/4}, {"Pss_Dirty", kb / 2}, {"Pss_Anon", kb / 2}, {"Pss_File", kb / 4}, {"Pss_Shmem", 0},
		{"Shared_Clean", kb / 4}, {"Shared_Dirty", 0}, {"Private_Clean", kb / 4}, {"Private_Dirty", kb / 2},
		{"Referenced", kb}, {"Anonymous", kb / 2}, {"Swap", 0}, {"SwapPss", 0}, {"Locked", 0}} {
		fmt.Fprintf(&b, "%-16s%8d kB\n", line.name+":", line.kb)
	}
	return b.String()
}

// procMountinfo is proc_pid_mountinfo(5): the root, /proc and the cgroup mounts.
func procMountinfo(w *World, _ *process) string {
	text := "20 1 8:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n" +
		"21 20 0:19 / /proc rw,nosuid,nodev,noexec,relatime shared:2 - proc proc rw\n" +
		"22 20 0:20 / /sys rw,nosuid,nodev,noexec,relatime shared:3 - sysfs sysfs rw\n"
	fs := w.cgroups
	if fs == nil || fs.hybrid() {
		text += "23 22 0:21 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:4 - tmpfs tmpfs ro,mode=755\n" +
			"24 23 0:22 / /sys/fs/cgroup/memory rw,nosuid,nodev,noexec,relatime shared:5 - cgroup cgroup rw,memory\n" +
			"25 23 0:23 / /sys/fs/cgroup/systemd rw,nosuid,nodev,noexec,relatime shared:6 - cgroup cgroup rw,xattr,name=systemd\n"
	}
	if fs != nil {
		mode := "rw"
		if fs.opt.ReadOnly {
			mode = "ro"
		}
		text += fmt.Sprintf("26 %d 0:24 / %s %s,nosuid,nodev,noexec,relatime shared:7 - cgroup2 cgroup2 rw,nsdelegate\n",
			map[bool]int{true: 23, false: 22}[fs.hybrid()], path.Clean(fs.opt.Mount), mode)
	}
	return text
}
