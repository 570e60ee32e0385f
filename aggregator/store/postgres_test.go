package store

import (
	"os"
	"testing"

	"github.com/nashra/nashra/aggregator/store/storetest"
)

func TestMain(m *testing.M) {
	if role := os.Getenv("NASHRA_TEST_HOLD"); role != "" {
		hold(role)
	}
	os.Exit(storetest.Main(m))
}
