package main

import (
	"errors"
	"os"
	"os/user"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
)

// twoAccounts is a user database with one user and one further group.
type twoAccounts struct{}

func (twoAccounts) user(name string) (*user.User, error) {
	if name != "web" && name != "1001" {
		return nil, errors.New("no such entry")
	}
	return &user.User{Username: "web", Uid: "1001", Gid: "1002", HomeDir: "/srv/web"}, nil
}

func (twoAccounts) group(name string) (uint32, error) {
	if name != "video" {
		return 0, errors.New("no such entry")
	}
	return 44, nil
}

func (twoAccounts) groupsOf(*user.User) ([]uint32, error) { return []uint32{1002, 44}, nil }

func resolved(t *testing.T, p config.Process) (*config.Identity, []error) {
	t.Helper()
	svc := config.NewService("a", "x")
	svc.Process = p
	file := config.File{Services: []config.Service{svc}}
	errs := resolve(&file, t.TempDir(), twoAccounts{})
	return file.Services[0].Process.Identity, errs
}

func TestResolveLooksUsersUp(t *testing.T) {
	web := config.Identity{UID: 1001, GID: 1002, Groups: []uint32{44, 1002}, Name: "web", Home: "/srv/web"}
	id, errs := resolved(t, config.Process{User: "web"})
	require.Empty(t, errs)
	assert.Equal(t, &web, id)

	id, errs = resolved(t, config.Process{User: "1001", Group: "video", Groups: []string{"video"}})
	require.Empty(t, errs)
	web.GID = 44
	assert.Equal(t, &web, id)

	id, errs = resolved(t, config.Process{User: "4711", Group: "video"})
	require.Empty(t, errs)
	assert.Equal(t, &config.Identity{UID: 4711, GID: 44}, id, "a UID without an entry has no groups")

	id, errs = resolved(t, config.Process{})
	require.Empty(t, errs)
	assert.Nil(t, id)

	for want, p := range map[string]config.Process{
		`service "a": cannot find the user "weg": no such entry`:                                                {User: "weg"},
		`service "a": cannot find the group "vidio": no such entry`:                                             {User: "web", Group: "vidio"},
		`service "a": cannot find the group "audio": no such entry`:                                             {User: "web", Groups: []string{"audio"}},
		`service "a": user 4711 has no entry in the user database, so that its group is not known: set "group"`: {User: "4711"},
	} {
		_, errs := resolved(t, p)
		require.Len(t, errs, 1, want)
		assert.EqualError(t, errs[0], want)
	}
}

func TestTheUserDatabaseOfThisMachine(t *testing.T) {
	var look systemAccounts
	root, err := look.user("root")
	require.NoError(t, err)
	assert.Equal(t, "0", root.Uid)
	byID, err := look.user("0")
	require.NoError(t, err)
	assert.Equal(t, "root", byID.Username)
	gid, err := look.group("4711")
	require.NoError(t, err)
	assert.EqualValues(t, 4711, gid, "an ID needs no entry")
	_, err = look.group("no such group")
	assert.EqualError(t, err, "the group database has no such entry")
	assert.NotEmpty(t, shellOf("root"))
	assert.Empty(t, shellOf("no such user"))
	id := &config.Process{User: strconv.Itoa(os.Geteuid()), Group: strconv.Itoa(os.Getegid())}
	require.NoError(t, lookUpIdentity(id, look))
	assert.Equal(t, os.Geteuid() != 0, id.Identity.Own)
}
