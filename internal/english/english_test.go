package english

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCountUsesThePlural(t *testing.T) {
	assert.Equal(t, "0 services", Count(0, "service"))
	assert.Equal(t, "1 service", Count(1, "service"))
	assert.Equal(t, "12 services", Count(12, "service"))
	assert.Equal(t, "1 process", Count(1, "process"))
	assert.Equal(t, "2 processes", Count(2, "process"))
}
