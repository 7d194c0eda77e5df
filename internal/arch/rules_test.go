package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"testing"

	"github.com/stretchr/testify/assert"
)

// rule forbids something in Go files.
type rule struct {
	what    string
	why     string
	instead string
	// only are the directories it holds in (none: everywhere), except are those
	// in which it does not; tests reports whether it holds in test files too.
	only, except []string
	tests        bool
	find         func(source) []token.Pos
	// planted must be found and innocent must pass, as file and body.
	planted, innocent [2]string
}

var (
	pure = []string{"config", "supervisor/lifecycle", "internal/signame", "testproc"}
	// core is what runs on both kernels, and the fake kernel itself: the same
	// choices must give the same run.
	core = []string{"supervisor", "config", "cgroupfs", "procfs", "fakesys", "sim"}
)

var rules = []rule{
	{
		what: "os/exec", find: importOf("os/exec"),
		why:      "there is one owner of all waits; os/exec waits by itself and loses its child to the reaper",
		instead:  "ask the Spawner role of package sys",
		except:   []string{"bugs", "tools"},
		planted:  [2]string{"supervisor/x.go", `import "os/exec"; var _ = exec.Command`},
		innocent: [2]string{"supervisor/x_test.go", `import "os/exec"; var _ = exec.Command`},
	},
	{
		what: "golang.org/x/sys", find: importOf("golang.org/x/sys/unix"),
		why:      "one place speaks to the kernel, so that the fake can stand in for it",
		instead:  "use a role of package sys, or add one with its contract",
		except:   []string{"sys/linux", "sys/systest/linuxworld", "testproc/live", "chaos/live", "integration", "tools"},
		planted:  [2]string{"cgroupfs/x.go", `import "golang.org/x/sys/unix"; var _ = unix.Open`},
		innocent: [2]string{"sys/linux/x.go", `import "golang.org/x/sys/unix"; var _ = unix.Open`},
	},
	{
		what: "os, net, sync or a random source", find: importOf("os", "net", "net/http", "sync", "sync/atomic", "math/rand", "math/rand/v2", "crypto/rand", "os/signal"),
		why:      "what a service does next must be a function of its arguments: so it can be enumerated",
		instead:  "take the value as an argument, and chance as a number in the event",
		only:     pure,
		except:   []string{"testproc/live"},
		planted:  [2]string{"supervisor/lifecycle/x.go", `import "os"; var _ = os.Getpid`},
		innocent: [2]string{"supervisor/x.go", `import "sync"; var _ sync.Mutex`},
	},
	{
		what: "the machine's clock", find: anyOf(useOf("time", "Now"), useOf("time", "Since"), useOf("time", "Until"), useOf("time", "After"), useOf("time", "AfterFunc"), useOf("time", "NewTimer"), useOf("time", "NewTicker"), useOf("time", "Tick")),
		why:      "time is data: a run that reads the machine's clock cannot be replayed",
		instead:  "take now as an argument; deadlines are fields, compared with sys.Clock's Now",
		only:     append([]string{"testproc"}, core...),
		except:   []string{"testproc/live"},
		planted:  [2]string{"supervisor/x.go", `import "time"; func f() { _ = time.AfterFunc }`},
		innocent: [2]string{"supervisor/x.go", `import "time"; const d = time.Second`},
	},
	{
		what: "time.Sleep", find: useOf("time", "Sleep"), tests: true,
		why:      "a sleep is either too short or too long: it waits for luck",
		instead:  "wait for the fact: in the fake advance the clock, on the real kernel block on the event",
		only:     core,
		planted:  [2]string{"supervisor/x_test.go", `import "time"; func f() { time.Sleep(1) }`},
		innocent: [2]string{"cmd/gosv/x.go", `import "time"; func f() { time.Sleep(1) }`},
	},
	{
		what: "math/rand", find: importOf("math/rand", "math/rand/v2", "crypto/rand"),
		why:      "every random choice is drawn through the seam, so that a run is a list of choices",
		instead:  "draw from sys.Random, or take a source as an argument",
		only:     []string{"supervisor", "cgroupfs", "procfs", "fakesys", "sys/systest"},
		planted:  [2]string{"supervisor/x.go", `import "math/rand/v2"; var _ = rand.IntN`},
		innocent: [2]string{"sys/linux/x.go", `import "math/rand/v2"; var _ = rand.IntN`},
	},
	{
		what: "a go statement", find: goStatements,
		why:      "one goroutine owns all state: a second one makes the order of events a matter of chance",
		instead:  "submit a sys.Job, whose result comes back as an event",
		except:   []string{"sys/linux", "sys/systest/linuxworld", "internal/mainthread", "logs", "control", "chaos", "integration", "cmd", "testproc/live", "tools"},
		planted:  [2]string{"supervisor/x.go", `func f() { go f() }`},
		innocent: [2]string{"logs/x.go", `func f() { go f() }`},
	},
	{
		what: "a job that sees who submits it", find: jobsWithAView,
		why:      "a job runs outside the loop, whose state it would race for, and with it every role of the kernel",
		instead:  "write a task: a type with copies of what it needs, and of the kernel what sys lets jobs call",
		only:     []string{"supervisor"},
		planted:  [2]string{"supervisor/x.go", `func (s *S) f() { s.k.Submit(func(sys.JobKernel) any { return s.now }) }`},
		innocent: [2]string{"supervisor/x.go", `func (s *S) f(t task) { s.k.Submit(func(k sys.JobKernel) any { return t.run(k) }) }`},
	},
	{
		what: "func init", find: initFunctions,
		why:      "importing a package must do nothing",
		instead:  "call it from main",
		except:   []string{"cmd", "testproc/live", "internal/mainthread"}, // a testproc needs its first thread before main begins, and may play as early
		planted:  [2]string{"config/x.go", `func init() {}`},
		innocent: [2]string{"config/x.go", `type t struct{}; func (t) init() {}`},
	},
	{
		what: "signal.Ignore", find: useOf("os/signal", "Ignore"),
		why:      "an ignored signal stays ignored in every child",
		instead:  "catch it with signal.Notify: caught signals are reset by exec",
		except:   []string{"testproc/live"},
		planted:  [2]string{"cmd/gosv/x.go", `import "os/signal"; var _ = signal.Ignore`},
		innocent: [2]string{"cmd/gosv/x.go", `import "os/signal"; var _ = signal.Notify`},
	},
	{
		what: "a file of package os on the cgroup file system", find: anyOf(useOf("os", "ReadFile"), useOf("os", "WriteFile"), useOf("os", "Open"), useOf("os", "OpenFile")),
		why:      "Go parks a write that answers EAGAIN for ever, and the fake kernel cannot see it",
		instead:  "use the Files role of package sys",
		only:     []string{"supervisor", "cgroupfs", "procfs", "fakesys"},
		planted:  [2]string{"cgroupfs/x.go", `import "os"; var _ = os.WriteFile`},
		innocent: [2]string{"cmd/gosv/x.go", `import "os"; var _ = os.ReadFile`},
	},
}

// broken gives a sentence for every place where the file breaks the rule.
func (r rule) broken(s source) (wrong []string) {
	if s.isTest() && !r.tests || len(r.only) > 0 && !s.within(r.only) || s.within(r.except) {
		return nil
	}
	for _, pos := range r.find(s) {
		wrong = append(wrong, fmt.Sprintf("%s: %s does not belong here: %s. Instead, %s.", s.at(pos), r.what, r.why, r.instead))
	}
	return wrong
}

func TestRulesHold(t *testing.T) {
	all := sources(t)
	for _, r := range rules {
		for _, s := range all {
			for _, wrong := range r.broken(s) {
				t.Error(wrong)
			}
		}
	}
}

func TestEachRuleFindsItsPlantedViolation(t *testing.T) {
	body := func(piece [2]string) source { return parse(t, piece[0], "package p\n"+piece[1]+"\n") }
	for _, r := range rules {
		wrong := r.broken(body(r.planted))
		if assert.NotEmpty(t, wrong, "%s, planted as %q", r.what, r.planted) {
			assert.Contains(t, wrong[0], r.planted[0]+":2: ")
			assert.Contains(t, wrong[0], r.instead)
		}
		assert.Empty(t, r.broken(body(r.innocent)), "%s, innocent as %q", r.what, r.innocent)
	}
}

func TestARenamedImportDoesNotHideAUse(t *testing.T) {
	hidden := parse(t, "x.go", "package p\nimport clock \"time\"\nvar _ = clock.Now\n")
	assert.Len(t, hidden.uses("time", "Now"), 1)
	other := parse(t, "x.go", "package p\nvar time struct{ Now int }\nvar _ = time.Now\n")
	assert.Empty(t, other.uses("time", "Now"))
}

func importOf(names ...string) func(source) []token.Pos {
	return func(s source) (places []token.Pos) {
		imports := s.imports()
		for _, name := range names {
			if pos, found := imports[name]; found {
				places = append(places, pos)
			}
		}
		return places
	}
}

func useOf(pkg, name string) func(source) []token.Pos {
	return func(s source) []token.Pos { return s.uses(pkg, name) }
}

func anyOf(finds ...func(source) []token.Pos) func(source) []token.Pos {
	return func(s source) (places []token.Pos) {
		for _, find := range finds {
			places = append(places, find(s)...)
		}
		return places
	}
}

func goStatements(s source) (places []token.Pos) {
	ast.Inspect(s.tree, func(node ast.Node) bool {
		if statement, ok := node.(*ast.GoStmt); ok {
			places = append(places, statement.Pos())
		}
		return true
	})
	return places
}

// jobsWithAView finds functions given to Submit that use the receiver of the
// method which submits them.
func jobsWithAView(s source) (places []token.Pos) {
	for _, decl := range s.tree.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Recv == nil || f.Body == nil || len(f.Recv.List[0].Names) == 0 {
			continue
		}
		receiver := f.Recv.List[0].Names[0].Name
		ast.Inspect(f.Body, func(node ast.Node) bool {
			if call, ok := node.(*ast.CallExpr); ok && isMethod(call, "Submit") {
				places = append(places, namesOf(call.Args, receiver)...)
			}
			return true
		})
	}
	return places
}

func isMethod(call *ast.CallExpr, name string) bool {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	return ok && selector.Sel.Name == name
}

// namesOf finds an identifier in expressions.
func namesOf(all []ast.Expr, name string) (places []token.Pos) {
	for _, one := range all {
		ast.Inspect(one, func(node ast.Node) bool {
			if id, ok := node.(*ast.Ident); ok && id.Name == name {
				places = append(places, id.Pos())
			}
			return true
		})
	}
	return places
}

func initFunctions(s source) (places []token.Pos) {
	for _, decl := range s.tree.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
			places = append(places, f.Pos())
		}
	}
	return places
}
