//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nashra/nashra/translate/offline/synthetic"
)

// BenchmarkOffline measures the command with a random model of realistic size: time to the first
// sentence, memory, and source pieces a CPU second. NASHRA_BERGAMOT compares it with Bergamot's
// engine.
func BenchmarkOffline(b *testing.B) {
	const sentences, pieces = 128, 31
	dir, model := b.TempDir(), b.TempDir()
	write := func(path string, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	// in another process: Linux counts a parent's memory in its child's peak
	if out, err := exec.Command("go", "run", "../../translate/offline/testdata/oracle", model,
		"full").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	all, first, config := filepath.Join(dir, "all"), filepath.Join(dir, "first"), filepath.Join(dir, "nashra.yaml")
	lines := synthetic.Sentences(sentences, pieces, 1)
	write(all, []byte(strings.Join(lines, "\n")+"\n"))
	write(first, []byte(lines[0]+"\n"))
	write(config, []byte("store: "+filepath.Join(dir, "nashra.db")+"\n"))
	nashra := filepath.Join(build(b), "nashra")
	ask := func(processors, file string) oneRun {
		return runOnce(b, "GOMAXPROCS="+processors, file, nashra, "translate", "-c", config, "--model", model, "--raw",
			file)
	}
	least := func(into *time.Duration, d time.Duration) {
		if *into == 0 || d < *into {
			*into = d
		}
	}
	var start, startCPU, work time.Duration
	var one, two, theirs, theirMB float64
	for b.Loop() {
		for range 3 {
			s := ask("2", first)
			least(&start, s.wall)
			least(&startCPU, s.cpu)
			r := ask("1", all)
			least(&work, r.cpu)
			one, two = max(one, r.peakMB), max(two, ask("2", all).peakMB)
			if bergamot := os.Getenv("NASHRA_BERGAMOT"); bergamot != "" {
				rate, mb := bergamotRate(b, bergamot, model, all)
				theirs, theirMB = max(theirs, rate), max(theirMB, mb)
			}
		}
	}
	rate := sentences * pieces / (work - startCPU).Seconds()
	b.ReportMetric(start.Seconds(), "first-s")
	b.ReportMetric(startCPU.Seconds(), "first-cpu-s")
	b.ReportMetric(one, "1-worker-MB")
	b.ReportMetric(two, "2-workers-MB")
	b.ReportMetric(rate, "tokens/cpu-s")
	if theirs > 0 {
		b.ReportMetric(theirs, "bergamot-tokens/cpu-s")
		b.ReportMetric(theirMB, "bergamot-MB")
		b.ReportMetric(rate/theirs, "x-bergamot")
	}
	b.ReportMetric(0, "ns/op")
}

// oneRun is the cost of one run of a program.
type oneRun struct {
	wall, cpu time.Duration
	peakMB    float64
	stdout    []byte
}

func runOnce(b *testing.B, env, stdin, program string, args ...string) (r oneRun) {
	b.Helper()
	in, err := os.Open(stdin)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), env)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, &stdout, &stderr
	begun := time.Now()
	if err := cmd.Run(); err != nil {
		b.Fatalf("%s: %v\n%s", program, err, stderr.Bytes())
	}
	r.wall, r.stdout = time.Since(begun), stdout.Bytes()
	r.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.peakMB = float64(usage.Maxrss) * 1024 / 1e6 // Linux counts in KiB
	}
	return r
}

// bergamotRate returns the source pieces a second of Bergamot's engine, eight sentences at once,
// and its memory.
func bergamotRate(b *testing.B, pkg, model, lines string) (rate, peakMB float64) {
	oracle := filepath.Join("..", "..", "translate", "offline", "testdata", "oracle", "oracle.cjs")
	r := runOnce(b, "NODE_ENV=production", lines, "node", oracle, "--pkg", pkg, "--model",
		filepath.Join(model, "model.bin"),
		"--lex", filepath.Join(model, "lex.bin"), "--vocab", filepath.Join(model, "vocab.spm"), "--bench", "8")
	var said struct{ WordsPerSecond float64 }
	if err := json.Unmarshal(r.stdout, &said); err != nil {
		b.Fatalf("%v in %q", err, r.stdout)
	}
	return said.WordsPerSecond, r.peakMB
}
