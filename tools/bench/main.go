// Command bench holds gosv against a C program that does the same kernel work
// and nothing else (bench/c/limit.c). Both are measured from outside, by one
// method: see docs/explanation/benchmarks.md. `make bench` builds and runs it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// bench is one run of the whole benchmark.
type bench struct {
	n       int // services
	repeats int // of every measurement, interleaved
	kills   int // single kills in all
	idle    time.Duration
	bin     string // directory of the programs
	peers   []peer
	dir     string // directory for the FIFO, the configuration and the logs
	fifo    *fifo
}

func (b *bench) program(name string) string { return filepath.Join(b.bin, name) }

func main() {
	log.SetFlags(0)
	log.SetPrefix("bench: ")
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	var b bench
	flag.IntVar(&b.n, "n", 1000, "services")
	flag.IntVar(&b.repeats, "repeats", 5, "repeats of every measurement, interleaved; medians are shown")
	flag.IntVar(&b.kills, "kills", 2500, "single kills, over all repeats")
	flag.DurationVar(&b.idle, "idle", 25*time.Second, "how long to watch a program with nothing to do, before and beside a safety reap; 0 for not at all")
	flag.StringVar(&b.bin, "bin", "bin", "directory of the programs")
	peers := flag.String("peers", "gosv,limit,held,bareloop", "programs to measure")
	columns := flag.String("cgroups", "off,on", "columns to measure")
	flag.Parse()
	if err := b.choose(strings.Split(*peers, ",")); err != nil {
		return err
	}
	if err := b.open(); err != nil {
		return err
	}
	defer b.close()
	return b.measure(strings.Split(*columns, ","))
}

func (b *bench) choose(names []string) error {
	known := []peer{gosvPeer, limitPeer, heldPeer, barePeer}
	for _, name := range names {
		i := slices.IndexFunc(known, func(p peer) bool { return p.name == name })
		if i < 0 {
			return fmt.Errorf("there is no program %q to measure; there are gosv, limit, held and bareloop", name)
		}
		b.peers = append(b.peers, known[i])
	}
	if b.n < 1 || b.repeats < 1 || b.kills < b.repeats {
		return errors.New("-n and -repeats are at least 1, and -kills at least as large as -repeats")
	}
	return nil
}

// open makes the scratch directory beside the programs. Paths are absolute, as
// gosv may resolve them in another directory.
func (b *bench) open() (err error) {
	if b.bin, err = filepath.Abs(b.bin); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp(b.bin, "bench-"); err != nil {
		return err
	}
	b.fifo, err = makeFIFO(filepath.Join(b.dir, "reports"))
	return err
}

func (b *bench) close() {
	b.fifo.close()
	_ = os.RemoveAll(b.dir)
}

func (b *bench) measure(columns []string) error {
	fmt.Printf("%d services, %d interleaved repeats (medians), %d single kills, %v idle; %d CPUs\n\n",
		b.n, b.repeats, b.kills, b.idle, runtime.NumCPU())
	leaves := map[string]string{"off": ""}
	if slices.Contains(columns, "on") {
		dir, err := makeLeaves()
		if err != nil {
			return fmt.Errorf("%w; -cgroups off measures the other column", err)
		}
		defer removeLeaves(dir)
		leaves["on"] = dir
	}
	all := map[string]results{"off": {}, "on": {}}
	for repeat := range b.repeats {
		for _, column := range columns {
			for _, p := range b.peers {
				f, err := b.run(p, leaves[column], b.kills/b.repeats, b.idleIn(repeat))
				if err != nil {
					return fmt.Errorf("cgroups %s, repeat %d: %w", column, repeat+1, err)
				}
				all[column][p.name] = append(all[column][p.name], f)
			}
		}
	}
	for _, column := range columns {
		all[column].print(os.Stdout, "cgroups "+column)
		fmt.Println()
	}
	if len(all["off"][limitPeer.name]) > 0 && len(all["on"][limitPeer.name]) > 0 {
		printPrice(os.Stdout, all["off"], all["on"])
	}
	return nil
}

// idleIn is how long a run is watched: once is enough, in the first repeat.
func (b *bench) idleIn(repeat int) time.Duration {
	if repeat > 0 {
		return 0
	}
	return b.idle
}
