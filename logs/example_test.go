package logs_test

import (
	"fmt"
	"os"
	"time"

	"github.com/gosv/gosv/logs"
)

// Two services write to one destination, in pieces as a pipe delivers them.
func Example() {
	out := logs.NewDestination(os.Stdout, logs.Options{
		Colour: logs.UseColour(false, os.Getenv),
	})
	web, worker := out.NewStream("web"), out.NewStream("worker")
	web.Write([]byte("listening on "))
	worker.Write([]byte("ready\r\nno newline at the end"))
	web.Write([]byte(":8080\n"))
	worker.Close()
	web.Close()

	stats := out.Close(time.Second)
	fmt.Println("lost:", stats.LostLines)
	// Output:
	// worker | ready
	// web | listening on :8080
	// worker | no newline at the end
	// lost: 0
}
