package api

// ReloadRequest is the body of POST /v1/reload.
type ReloadRequest struct {
	// DryRun compares the file with what runs, and changes nothing.
	DryRun bool `json:"dry_run,omitempty"`
}

// Reload is what a reload did, or with DryRun would do.
type Reload struct {
	File    string `json:"file"`
	Applied bool   `json:"applied"`
	// Changes has a row for each service that is not unchanged.
	Changes   []ReloadChange `json:"changes"`
	Unchanged int            `json:"unchanged"`
	// Pending are keys of the file itself that need another start of gosv.
	Pending []string `json:"pending,omitempty"`
}

// ReloadChange is what becomes of one service.
type ReloadChange struct {
	Service string   `json:"service"`
	Action  string   `json:"action"` // live, next-start, restart, stop or start
	Keys    []string `json:"keys,omitempty"`
}
