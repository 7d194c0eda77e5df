package difftest

import (
	"errors"
	"strconv"
	"strings"
	"syscall"

	"github.com/gosv/gosv/internal/signame"
)

// errno names an error as strerror(3) does, "ok" for none.
func errno(err error) string {
	var e syscall.Errno
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &e):
		return e.Error()
	}
	return err.Error()
}

// signal reads a name or a number.
func signal(word string) syscall.Signal {
	if n, err := strconv.Atoi(word); err == nil {
		return syscall.Signal(n)
	}
	sig, ok := signame.Parse(word)
	if !ok {
		panic("difftest: " + word + " is no signal")
	}
	return sig
}

func number(text string) int {
	n, _ := strconv.Atoi(strings.TrimSpace(text))
	return n
}
