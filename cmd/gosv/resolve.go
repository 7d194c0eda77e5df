package main

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/gosv/gosv/config"
)

// accounts looks users and groups up.
type accounts interface {
	user(nameOrID string) (*user.User, error)
	group(nameOrID string) (gid uint32, err error)
	groupsOf(*user.User) ([]uint32, error)
}

// resolve replaces what a file names by what this machine has: the variables of
// env_files, and the IDs of users and groups. The errors name the service.
func resolve(file *config.File, dir string, look accounts) (errs []error) {
	for i := range file.Services {
		svc := &file.Services[i]
		if err := readEnvFiles(svc, dir); err != nil {
			errs = append(errs, fmt.Errorf("service %q: %w", svc.Name, err))
		}
		if err := lookUpIdentity(&svc.Process, look); err != nil {
			errs = append(errs, fmt.Errorf("service %q: %w", svc.Name, err))
		}
	}
	return errs
}

// maxEnvFile is the largest file of variables: execve(2) takes no more.
const maxEnvFile = 6 << 20

// readEnvFiles adds the variables that env does not set itself.
func readEnvFiles(svc *config.Service, dir string) error {
	merged := map[string]string{}
	for _, path := range svc.Process.EnvFiles {
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		text, err := readUpTo(path, maxEnvFile+1)
		if err == nil && len(text) > maxEnvFile {
			err = fmt.Errorf("it has more than %d bytes", maxEnvFile)
		}
		var env map[string]string
		if err == nil {
			env, err = config.ParseEnvFile(text)
		}
		if err != nil {
			return fmt.Errorf("cannot use the env_files entry %s: %w", path, err)
		}
		for name, value := range env {
			merged[name] = value
		}
	}
	for name, value := range svc.Env {
		merged[name] = value
	}
	if len(svc.Process.EnvFiles) > 0 && len(merged) > 0 {
		svc.Env = merged
	}
	svc.Process.EnvFiles = nil
	return nil
}

// lookUpIdentity finds the IDs that User, Group and Groups stand for.
func lookUpIdentity(p *config.Process, look accounts) error {
	if p.User == "" && p.Group == "" && len(p.Groups) == 0 {
		return nil
	}
	id := &config.Identity{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid()), Groups: ownGroups()}
	own := *id
	if p.User != "" {
		if err := lookUpUser(id, p, look); err != nil {
			return err
		}
	}
	if p.Group != "" {
		gid, err := look.group(p.Group)
		if err != nil {
			return fmt.Errorf("cannot find the group %q: %w", p.Group, err)
		}
		id.GID = gid
	}
	for _, name := range p.Groups {
		gid, err := look.group(name)
		if err != nil {
			return fmt.Errorf("cannot find the group %q: %w", name, err)
		}
		id.Groups = append(id.Groups, gid)
	}
	slices.Sort(id.Groups)
	id.Groups = slices.Compact(id.Groups)
	// A gosv without privileges may name its own user, but may not set groups.
	id.Own = os.Geteuid() != 0 && id.UID == own.UID && id.GID == own.GID && subset(id.Groups, append(own.Groups, own.GID))
	p.Identity = id
	return nil
}

func lookUpUser(id *config.Identity, p *config.Process, look accounts) error {
	u, err := look.user(p.User)
	if err != nil {
		uid, failed := strconv.ParseUint(p.User, 10, 32)
		if failed != nil {
			return fmt.Errorf("cannot find the user %q: %w", p.User, err)
		}
		if p.Group == "" {
			return fmt.Errorf("user %d has no entry in the user database, so that its group is not known: set \"group\"", uid)
		}
		id.UID, id.Groups = uint32(uid), nil
		return nil
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	if err1 != nil || err2 != nil {
		return fmt.Errorf("the user database has the IDs %q and %q for the user %q", u.Uid, u.Gid, p.User)
	}
	groups, err := look.groupsOf(u)
	if err != nil {
		return fmt.Errorf("cannot find the groups of the user %q: %w", p.User, err)
	}
	*id = config.Identity{UID: uint32(uid), GID: uint32(gid), Groups: groups, Name: u.Username, Home: u.HomeDir, Shell: shellOf(u.Username)}
	return nil
}

func ownGroups() (groups []uint32) {
	all, _ := os.Getgroups()
	for _, gid := range all {
		groups = append(groups, uint32(gid))
	}
	return groups
}

func subset(some, all []uint32) bool {
	return !slices.ContainsFunc(some, func(gid uint32) bool { return !slices.Contains(all, gid) })
}
