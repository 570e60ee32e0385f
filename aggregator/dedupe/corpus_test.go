package dedupe

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"
)

// Article is one of SaudiNewsNet.
type Article struct {
	Source, URL, Title, Content string
	Extracted                   string `json:"date_extracted"`
}

// Articles reads the zip files of dir.
func Articles(t *testing.T, dir string) (out []Article) {
	t.Helper()
	names, _ := filepath.Glob(filepath.Join(dir, "*.zip"))
	for _, name := range names {
		z, err := zip.OpenReader(name)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		for _, f := range z.File {
			if !strings.HasSuffix(f.Name, ".json") || strings.HasPrefix(f.Name, "__") {
				continue
			}
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			var some []Article
			b, err := io.ReadAll(r)
			if err == nil {
				err = json.Unmarshal(bytes.TrimPrefix(b, []byte("\ufeff")), &some)
			}
			if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			out = append(out, some...)
		}
	}
	return out
}
