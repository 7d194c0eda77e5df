package control

import (
	"fmt"
	"slices"
	"strings"
)

// RouteTable gives each route with the parameters that it takes.
func RouteTable() map[string][]string {
	all := map[string][]string{}
	for _, r := range routes {
		query := append([]string{}, r.query...)
		slices.Sort(query)
		all[r.method+" "+r.path+": "+r.summary] = query
	}
	return all
}

// ErrorTable is the reference of codes, in Markdown.
func ErrorTable() string {
	var b strings.Builder
	b.WriteString("| code | status | why | try |\n|---|---|---|---|\n")
	for _, k := range kinds {
		fmt.Fprintf(&b, "| `%s` | %d | %s | `%s` |\n", k.Code, k.Status, k.Why, k.Try)
	}
	return b.String()
}
