// Package arch holds the architecture as tests: which package may import
// which, what may be called where, and what no file may contain. Every rule is a
// row with its reason, and carries a planted violation that it must find and an
// innocent piece that it must pass, so that no rule can hold by looking at
// nothing. ARCHITECTURE.md says the same in prose.
package arch
