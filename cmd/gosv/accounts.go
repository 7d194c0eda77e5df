package main

import (
	"errors"
	"os"
	"os/user"
	"strconv"
	"strings"
)

// systemAccounts is the user database of this machine.
type systemAccounts struct{}

func (systemAccounts) user(nameOrID string) (*user.User, error) {
	u, err := user.Lookup(nameOrID)
	var unknown user.UnknownUserError
	if errors.As(err, &unknown) {
		if byID, failed := user.LookupId(nameOrID); failed == nil {
			return byID, nil
		}
		return nil, errors.New("the user database has no such entry")
	}
	return u, err
}

func (systemAccounts) group(nameOrID string) (uint32, error) {
	g, err := user.LookupGroup(nameOrID)
	text := nameOrID // an ID needs no entry
	if err == nil {
		text = g.Gid
	}
	gid, failed := strconv.ParseUint(text, 10, 32)
	if failed != nil {
		return 0, errors.New("the group database has no such entry")
	}
	return uint32(gid), nil
}

func (systemAccounts) groupsOf(u *user.User) (groups []uint32, err error) {
	ids, err := u.GroupIds()
	for _, id := range ids {
		gid, err := strconv.ParseUint(id, 10, 32)
		if err != nil {
			return nil, err
		}
		groups = append(groups, uint32(gid))
	}
	return groups, err
}

// shellOf reads the login shell, which os/user does not give. "" if it is not known.
func shellOf(name string) string {
	text, err := os.ReadFile("/etc/passwd")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSpace(line), ":")
		if len(fields) == 7 && fields[0] == name {
			return fields[6]
		}
	}
	return ""
}
