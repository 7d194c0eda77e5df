package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/control"
	"github.com/gosv/gosv/control/backend"
	"github.com/gosv/gosv/logs"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/sys/linux"
)

// controlOptions are the flags of the control API.
type controlOptions struct {
	socket, listen, tokenFile string
	listenForce               bool
}

func (o *controlOptions) addFlags(f *pflag.FlagSet) {
	f.StringVar(&o.socket, "socket", "", "control socket at this `path`; none for no socket")
	f.StringVar(&o.listen, "listen", "", "control API also on this TCP `address`, such as 127.0.0.1:9180")
	f.StringVar(&o.tokenFile, "token-file", "", "let TCP clients change things that send the token in this `file`")
	f.BoolVar(&o.listenForce, "listen-force", false, "let --listen name an address that is not loopback")
	for _, name := range []string{"socket", "listen", "token-file", "listen-force"} {
		_ = f.MarkHidden(name) // the help is to fit a screen
	}
}

// controlPlane is the control API of this gosv; nil if it has none.
type controlPlane struct {
	log       *slog.Logger
	listeners []net.Listener
	access    control.Access
	ring      *control.EventRing
	board     *backend.Board
	server    *control.Server
}

// openControl opens the sockets that are wanted. The error is for sockets that
// somebody named; without the standard one gosv goes on.
func openControl(o controlOptions, p plan, log *slog.Logger) (*controlPlane, error) {
	c := &controlPlane{log: log, access: control.Access{Owner: uint32(os.Getuid()), Group: -1}}
	if err := c.openSocket(o, p); err != nil {
		return nil, err
	}
	if o.listen != "" {
		if err := c.openTCP(o); err != nil {
			c.closeListeners()
			return nil, err
		}
	}
	if len(c.listeners) == 0 {
		return nil, nil
	}
	return c, nil
}

func (c *controlPlane) openSocket(o controlOptions, p plan) (err error) {
	if c.access.Group, err = groupNumber(p.file.SocketGroup); err != nil {
		return err
	}
	inherited, err := control.Inherited(os.Getenv)
	if err != nil {
		return err
	}
	if inherited != nil {
		c.listeners = append(c.listeners, inherited)
		c.log.Info("control socket inherited", "socket", inherited.Path())
		return nil
	}
	path, standard := socketPath(o.socket, p)
	if path == "" {
		return nil
	}
	l, err := control.Listen(path, c.access.Group)
	switch {
	case err != nil && standard:
		c.log.Warn(fmt.Sprintf("no control socket: %v; name another with --socket", err))
		return nil
	case err != nil:
		return err
	}
	c.listeners = append(c.listeners, l)
	c.log.Info("control socket open", "socket", path)
	return nil
}

// socketPath is where the control socket of a plan is to be; empty for none.
// standard: nobody named it.
func socketPath(flag string, p plan) (path string, standard bool) {
	switch {
	case flag != "":
		return unlessNone(flag), false
	case !p.fromFile:
		return "", false // --run and the demo have one only if it is asked for
	}
	if env := os.Getenv("GOSV_SOCKET"); env != "" {
		return unlessNone(env), false
	}
	if key := p.file.Socket; key != "" {
		if key = unlessNone(key); key != "" && !filepath.IsAbs(key) {
			key = filepath.Join(p.dir, key)
		}
		return key, false
	}
	return standardSocket(), true
}

func unlessNone(path string) string {
	if path == "none" {
		return ""
	}
	return path
}

// rootSocket is the socket of a gosv of root's.
const rootSocket = "/run/gosv/gosv.sock"

func standardSocket() string {
	switch dir := os.Getenv("XDG_RUNTIME_DIR"); {
	case dir != "":
		return filepath.Join(dir, "gosv.sock")
	case os.Getuid() == 0:
		return rootSocket
	}
	return ""
}

// groupNumber finds a group by its name or number; -1 for none.
func groupNumber(name string) (int, error) {
	if name == "" {
		return -1, nil
	}
	if n, err := strconv.ParseUint(name, 10, 31); err == nil {
		return int(n), nil
	}
	g, err := user.LookupGroup(name)
	if err != nil {
		return -1, fmt.Errorf("cannot find the group of \"socket_group\": %w", err)
	}
	return strconv.Atoi(g.Gid)
}

// observe puts the board between the supervisor and its other observers.
func (c *controlPlane) observe(next supervisor.Observer, kernel *linux.Kernel, services []config.Service) supervisor.Observer {
	if c == nil {
		return next
	}
	c.ring = control.NewEventRing(control.DefaultRingMax)
	c.board = backend.New(backend.Options{
		Services: services, Observer: next, Events: c.ring, Clock: kernel, Files: kernel, Version: version(),
	})
	return c.board
}

// configure shows clients another configuration.
func (c *controlPlane) configure(services []config.Service) {
	if c != nil {
		c.board.Configure(services)
	}
}

// serve begins to answer.
func (c *controlPlane) serve(s *supervisor.Supervisor, history *logs.History, reload *reloader) {
	if c == nil {
		return
	}
	c.board.Attach(s)
	opt := control.Options{Backend: c.board, Events: c.ring, Logs: backend.Lines{History: history}, Log: c.log, Access: c.access}
	if reload != nil {
		opt.Reload, opt.Config = reload.reload, reload.config
	}
	c.server = control.New(opt)
	for _, l := range c.listeners {
		go func() {
			if err := c.server.Serve(l); err != nil {
				c.log.Error(err.Error())
			}
		}()
	}
}

// closePatience is how long requests may take that are being answered when gosv ends.
const closePatience = time.Second

func (c *controlPlane) close() {
	if c != nil {
		c.server.Close(closePatience)
	}
}

func (c *controlPlane) closeListeners() {
	for _, l := range c.listeners {
		_ = l.Close()
	}
}

// openTCP obeys --listen.
func (c *controlPlane) openTCP(o controlOptions) error {
	host, _, err := net.SplitHostPort(o.listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %q: it must be an address and a port, such as 127.0.0.1:9180", o.listen)
	}
	if ip := net.ParseIP(host); !o.listenForce && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("cannot listen on %s: it is not a loopback address; there is no encryption, so use a proxy, or --listen-force", o.listen)
	}
	if c.access.Token, err = readToken(o.tokenFile); err != nil {
		return err
	}
	l, err := net.Listen("tcp", o.listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", o.listen, err)
	}
	c.access.Hosts = append(c.access.Hosts, host)
	c.listeners = append(c.listeners, l)
	c.log.Info("control API open", "address", l.Addr().String(), "writable", c.access.Token != "")
	return nil
}

// readToken reads the token of --token-file, which only its owner may read.
func readToken(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("cannot read the token: %w", err)
	}
	info, err := os.Stat(name)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("cannot use the token in %s: others may read it; chmod 600 %s", name, name)
	}
	token := strings.TrimSpace(string(text))
	if len(token) < 16 {
		return "", errors.New("cannot use the token in " + name + ": it has fewer than 16 characters")
	}
	return token, nil
}

// withoutListenVariables keeps the variables of sd_listen_fds(3) from services:
// the descriptors are not handed on.
func withoutListenVariables(environ []string) []string {
	return slices.DeleteFunc(environ, func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return name == "LISTEN_PID" || name == "LISTEN_FDS" || name == "LISTEN_FDNAMES"
	})
}
