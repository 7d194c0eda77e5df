package control

import "slices"

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
