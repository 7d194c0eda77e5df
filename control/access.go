package control

import (
	"context"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/gosv/gosv/sys/linux"
)

// Access says who may do what.
type Access struct {
	Owner uint32 // the user that runs gosv
	Group int    // members may use the socket; -1: only root and Owner may
	Token string // lets TCP clients write; empty: they only read
	// Hosts are names, besides addresses and localhost, by which TCP clients may
	// reach gosv.
	Hosts []string
}

// caller is who sent a request.
type caller struct {
	tcp  bool
	peer linux.Peer
	err  error // the peer is not known
}

type callerKey struct{}

// identify is the ConnContext hook of net/http.
func (a Access) identify(ctx context.Context, conn net.Conn) context.Context {
	var c caller
	if unix, ok := conn.(*net.UnixConn); ok {
		c.peer, c.err = linux.PeerOf(unix)
	} else {
		c.tcp = true
	}
	return context.WithValue(withConn(ctx, conn), callerKey{}, c)
}

// check refuses a request that is not allowed.
func (a Access) check(req *http.Request, writes bool) error {
	c, known := req.Context().Value(callerKey{}).(caller)
	switch {
	case !known:
		return problem(CodeForbidden, "the connection has no identity")
	case c.tcp:
		return a.checkTCP(req, writes)
	case c.err != nil:
		return problem(CodeForbidden, "cannot find out who connects: %v", c.err)
	case c.peer.UID == 0, c.peer.UID == a.Owner, a.Group >= 0 && c.peer.In(uint32(a.Group)):
		return checkOrigin(req)
	}
	return problem(CodeForbidden, "user %d may not use this socket", c.peer.UID)
}

// checkSecrets refuses clients that may not see the values of env.
func (a Access) checkSecrets(req *http.Request) error {
	c, _ := req.Context().Value(callerKey{}).(caller)
	if c.tcp || c.err != nil || c.peer.UID != 0 && c.peer.UID != a.Owner {
		return problem(CodeSecrets, "the values of env are hidden from this client")
	}
	return nil
}

// checkTCP protects against web pages: any page can make a browser send requests
// to a loopback address, under a name of its own (DNS rebinding).
func (a Access) checkTCP(req *http.Request, writes bool) error {
	if !a.knownHost(req.Host) {
		return problem(CodeBadHost, "the Host header is %q", req.Host)
	}
	if err := checkOrigin(req); err != nil {
		return err
	}
	token, given := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer ")
	right := a.Token != "" && subtle.ConstantTimeCompare([]byte(token), []byte(a.Token)) == 1
	switch {
	case given && !right:
		return problem(CodeUnauthorized, "the token is wrong")
	case writes && a.Token == "":
		return problem(CodeReadOnly, "%s %s changes something", req.Method, req.URL.Path)
	case writes && !right:
		return problem(CodeUnauthorized, "the request has no token")
	}
	return nil
}

func (a Access) knownHost(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	if _, err := netip.ParseAddr(host); err == nil || strings.EqualFold(host, "localhost") {
		return true // an address cannot be rebound
	}
	for _, known := range a.Hosts {
		if strings.EqualFold(host, known) {
			return true
		}
	}
	return false
}

// checkOrigin refuses requests of web pages that another host served.
func checkOrigin(req *http.Request) error {
	origin := req.Header.Get("Origin")
	if origin == "" {
		return nil
	}
	if u, err := url.Parse(origin); err == nil && u.Host == req.Host && u.Host != "" {
		return nil
	}
	return problem(CodeBadOrigin, "the Origin header is %q and the host %q", origin, req.Host)
}
