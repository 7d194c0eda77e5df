package linux

import (
	"fmt"
	"net"
	"os"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Peer is the process at the other end of a unix socket, as it was when it
// connected (or listened).
type Peer struct {
	PID    int // 0: it is in a pid namespace that this one does not see
	UID    uint32
	GID    uint32
	Groups []uint32 // supplementary
}

// In reports whether the peer has the group as its primary or a supplementary one.
func (p Peer) In(group uint32) bool { return p.GID == group || slices.Contains(p.Groups, group) }

// PeerOf asks the kernel who is at the other end (SO_PEERCRED and SO_PEERGROUPS,
// unix(7) and socket(7)). Before Linux 4.13 Groups stays empty.
func PeerOf(conn *net.UnixConn) (Peer, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return Peer{}, err
	}
	var peer Peer
	var failed error
	err = raw.Control(func(fd uintptr) { peer, failed = peerOf(int(fd)) })
	if err == nil {
		err = failed
	}
	return peer, err
}

func peerOf(fd int) (Peer, error) {
	cred, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return Peer{}, os.NewSyscallError("getsockopt SO_PEERCRED", err)
	}
	groups, err := peerGroups(fd)
	if err != nil {
		return Peer{}, err
	}
	return Peer{PID: int(cred.Pid), UID: cred.Uid, GID: cred.Gid, Groups: groups}, nil
}

// peerGroups asks twice when the first guess of their number is too low.
func peerGroups(fd int) ([]uint32, error) {
	groups := make([]uint32, 32)
	for {
		size := uint32(len(groups) * 4)
		_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_PEERGROUPS,
			uintptr(unsafe.Pointer(unsafe.SliceData(groups))), uintptr(unsafe.Pointer(&size)), 0)
		switch {
		case errno == 0:
			return groups[:size/4], nil
		case errno == unix.ERANGE && int(size/4) > len(groups):
			groups = make([]uint32, size/4) // the kernel stored what it needs
		case errno == unix.ENOPROTOOPT:
			return nil, nil
		default:
			return nil, fmt.Errorf("getsockopt SO_PEERGROUPS: %w", errno)
		}
	}
}
