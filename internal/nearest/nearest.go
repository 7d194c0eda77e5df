// Package nearest finds the word that somebody probably meant.
package nearest

import "strings"

// Word gives the candidate closest to what was written: one that differs only in
// case, hyphens and underscores, or by at most two edits. ok is false if none is close.
func Word(written string, candidates []string) (best string, ok bool) {
	least := 3 // two edits turn any two letters into any others
	for _, candidate := range candidates {
		if plain(written) == plain(candidate) {
			return candidate, true
		}
		d := distance(strings.ToLower(written), strings.ToLower(candidate), least)
		if d < least && d < len(candidate)-1 {
			best, least = candidate, d
		}
	}
	return best, best != ""
}

// plain makes maxRestarts, MAX_RESTARTS and max-restarts equal.
func plain(s string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(s))
}

// distance is the number of inserted, deleted, replaced or swapped bytes
// between two strings (optimal string alignment), or limit if it is not less.
func distance(a, b string, limit int) int {
	if max(len(a), len(b))-min(len(a), len(b)) >= limit {
		return limit
	}
	before, previous, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(previous[j]+1, row[j-1]+1, previous[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, previous, row = previous, row, before
	}
	return min(previous[len(b)], limit)
}
