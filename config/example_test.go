package config_test

import (
	"fmt"

	"github.com/gosv/gosv/config"
)

func ExampleLoad() {
	_, diagnostics := config.Load("services.json", []byte(`{
  "services": [
    {"name": "a", "command": "./a", "max_restart": 5}, // no s
    {"name": "b", "command": "./b", "stop_timeout": 10},
  ],
}`))
	for _, d := range diagnostics {
		fmt.Println(d)
	}
	// Output:
	// services.json:3:37: unknown key "max_restart" in service "a"; did you mean "max_restarts"?
	// services.json:4:53: "stop_timeout" in service "b" must be a duration from "0s" to "8760h", such as "500ms", "10s" or "1m30s", not the number 10; write "10s" for seconds
}

func ExampleLoad_defaults() {
	file, _ := config.Load("services.json", []byte(`{"services": [{"name": "web", "command": "./web", "memory_mb": 256}]}`))
	web := file.Services[0]
	fmt.Println(web.Restart, web.MaxRestarts, web.Backoff.Initial, web.StopSignal, web.StopTimeout, web.Limits.MemoryMax)
	// Output: always 5 1s terminated 10s 268435456
}

func ExampleWords() {
	env := func(name string) (string, bool) { return "8080", name == "PORT" }
	fmt.Println(config.Words(`server --port=$PORT 'two words'`, env))
	fmt.Println(config.Words(`make && ./server`, env))
	// Output:
	// [server --port=8080 two words] <nil>
	// [] column 6: "&&" joins commands in a shell, and gosv runs one command; quote it to pass it on as it is, or give the line to a shell: sh -c '...'
}
