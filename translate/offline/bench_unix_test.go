//go:build unix

package offline

import (
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nashra/nashra/translate/offline/synthetic"
)

// published returns a folder with a random student of the size of a published one.
func published(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	for name, data := range synthetic.Published() {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

// plainLoop works for some milliseconds without shared data.
func plainLoop() {
	x := uint32(1)
	for range 60_000_000 {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
	}
	if x == 0 {
		panic("a generator that ended")
	}
}

// BenchmarkWorkers compares the speed-up of two workers with that of two copies of a plain loop, measured
// in turn, the best turn of each. On a noisy machine look at cpu-share, which compares CPU time.
func BenchmarkWorkers(b *testing.B) {
	s, err := loadStudent(published(b))
	if err != nil {
		b.Fatal(err)
	}
	defer s.close()
	lines := synthetic.Sentences(16, 31, 1)
	translate := func() {
		if _, err := s.translate(b.Context(), lines, true); err != nil {
			b.Error(err)
		}
	}
	var loop, model turns
	for b.Loop() {
		for range 8 {
			for copies := 1; copies <= 2; copies++ {
				loop.take(plainLoop, copies)
				model.take(translate, copies)
			}
		}
	}
	gain := func(t turns) float64 { return 2 * t.wall[0].Seconds() / t.wall[1].Seconds() }
	extra := func(t turns) float64 { return 2 * t.cpu[0].Seconds() / t.cpu[1].Seconds() }
	b.ReportMetric(gain(loop), "loop-x")
	b.ReportMetric(gain(model), "model-x")
	b.ReportMetric(gain(model)/gain(loop), "share")
	b.ReportMetric(extra(model)/extra(loop), "cpu-share")
	b.ReportMetric(16*31/model.cpu[0].Seconds(), "tokens/cpu-s")
	b.ReportMetric(0, "ns/op")
}

// turns returns the shortest times of one copy of some work, and of two copies at once.
type turns struct{ wall, cpu [2]time.Duration }

func (t *turns) take(work func(), copies int) {
	var wg sync.WaitGroup
	begun, used := time.Now(), processorTime()
	for range copies {
		wg.Go(work)
	}
	wg.Wait()
	least := func(at *time.Duration, d time.Duration) {
		if *at == 0 || d < *at {
			*at = d
		}
	}
	least(&t.wall[copies-1], time.Since(begun))
	least(&t.cpu[copies-1], processorTime()-used)
}

// processorTime returns the CPU time of this process.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
