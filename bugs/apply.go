package bugs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Plant writes copies of the files that the bug changes, with the bug in them,
// below a directory of its own, and gives the file for go build's -overlay that puts
// them in the place of those below root. What is below root stays as it is.
func (b Bug) Plant(root, scratch string) (overlay string, err error) {
	replace := map[string]string{}
	for _, name := range b.Files {
		copied := filepath.Join(scratch, name)
		replace[filepath.Join(root, name)] = copied
		if err := copyFile(filepath.Join(root, name), copied); err != nil {
			return "", err
		}
	}
	if len(b.Files) == 0 {
		return writeOverlay(replace, scratch)
	}
	apply := exec.Command("git", "apply", "-C1", "-")
	apply.Dir, apply.Stdin = scratch, bytes.NewReader(b.patch)
	// Below a repository git apply passes over what is not in it.
	apply.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(scratch))
	if out, err := apply.CombinedOutput(); err != nil {
		return "", fmt.Errorf("bugs/%s.patch does not apply any more; mend it: %w\n%s", b.Name, err, out)
	}
	return writeOverlay(replace, scratch)
}

func writeOverlay(replace map[string]string, scratch string) (overlay string, err error) {
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(scratch, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o600)
}
