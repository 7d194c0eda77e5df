package config

// Keys lists the keys of each object that the loader knows, in the order of
// its tables, and which of them are required.
func Keys() (keys, required map[string][]string) {
	keys, required = map[string][]string{}, map[string][]string{}
	list(fileKeys(), "file", keys, required)
	list(serviceKeys(), "service", keys, required)
	list(backoffKeys(), "backoff", keys, required)
	return keys, required
}

func list[T any](table []key[T], object string, keys, required map[string][]string) {
	for _, k := range table {
		keys[object] = append(keys[object], k.name)
		if k.required {
			required[object] = append(required[object], k.name)
		}
	}
}
