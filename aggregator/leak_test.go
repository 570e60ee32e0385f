package aggregator_test

import (
	"os"
	"testing"

	"github.com/nashra/nashra/aggregator/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }
