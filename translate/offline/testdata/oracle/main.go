// Oracle writes the synthetic students that run.sh translates with Bergamot: `go run . DIR SEED`. With
// the seed `full` it writes one of a published student's size, for measuring.
package main

import (
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/nashra/nashra/translate/offline/synthetic"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: oracle DIR SEED|full")
	}
	dir := os.Args[1]
	if os.Args[2] == "full" {
		for name, data := range synthetic.Published() {
			write(filepath.Join(dir, name), data)
		}
		return
	}
	seed, err := strconv.ParseUint(os.Args[2], 10, 32)
	if err != nil {
		log.Fatal(err)
	}
	write(filepath.Join(dir, "vocab.spm"), synthetic.Numbers(2000))
	write(filepath.Join(dir, "lines.txt"), []byte(strings.Join(synthetic.Lines(seed), "\n")+"\n"))
	for _, c := range synthetic.Cases(seed) {
		write(filepath.Join(dir, c.Name, "model.bin"), c.Model())
		if list := c.Shortlist(); list != nil {
			write(filepath.Join(dir, c.Name, "lex.bin"), list)
		}
		if c.Exact {
			write(filepath.Join(dir, c.Name, "exact"), nil) // for run.sh
		}
	}
}

func write(name string, data []byte) {
	err := os.MkdirAll(filepath.Dir(name), 0o755)
	if err == nil {
		err = os.WriteFile(name, data, 0o644)
	}
	if err != nil {
		log.Fatal(err)
	}
}
