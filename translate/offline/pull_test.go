package offline

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nashra/nashra/translate/enginetest"
	"github.com/nashra/nashra/translate/offline/synthetic"
)

// registry offers the speller as its model for Arabic to English.
type registry struct{ *enginetest.Registry }

func newRegistry(t *testing.T) registry {
	return registry{enginetest.NewRegistry(t, synthetic.Speller())}
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// pull finds and downloads the model as the command does.
func (f registry) pull(m Models, trust bool) (int64, error) {
	o, err := Registry{f.URL, f.Server.Client()}.Find(context.Background(), "ar", "en", "base-memory")
	if err != nil {
		return 0, err
	}
	var came int64
	err = m.Pull(context.Background(), f.Server.Client(), o, trust, func(n int64) { came += n })
	if err == nil && came != o.Bytes() {
		err = fmt.Errorf("progress of %d bytes, %d were to come", came, o.Bytes())
	}
	return came, err
}

func TestPull(t *testing.T) {
	f, m := newRegistry(t), Models{filepath.Join(t.TempDir(), "models")}
	_, err := f.pull(m, false)
	if err == nil || !strings.Contains(err.Error(), "not the model that this nashra knows") {
		t.Fatalf("an unknown model without trust: %v", err)
	}
	if list, err := m.List(); err != nil || len(list) != 0 {
		t.Fatalf("installed: %v, %v", list, err)
	}
	if _, err := f.pull(m, true); err != nil {
		t.Fatal(err)
	}
	list, err := m.List()
	if err != nil || len(list) != 1 || list[0].Name != "base-memory" || list[0].Version != "3.0" ||
		!list[0].Trusted || list[0].Known || list[0].Bytes < 1000 {
		t.Fatalf("installed: %+v, %v", list, err)
	}
	dir, err := m.Find("base-memory")
	if err != nil {
		t.Fatal(err)
	}
	res, err := New(in(dir)).Translate(t.Context(), ask("خبر"))
	if err != nil || res.Texts[0] != "KHBR" {
		t.Errorf("%v, %v", res.Texts, err)
	}
	if left, err := filepath.Glob(filepath.Join(m.Dir, ".partial", "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	// installed files are checked at every loading
	if err := os.WriteFile(filepath.Join(dir, "lex.spell.bin"), []byte("changed"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = New(in(dir)).Translate(t.Context(), ask("خبر"))
	if err == nil || !strings.Contains(err.Error(), "not what was installed") {
		t.Errorf("a changed file: %v", err)
	}
	if _, err := f.pull(m, true); err != nil { // and a second pull mends it
		t.Fatal(err)
	}
	if err := m.Remove("base-memory"); err != nil {
		t.Fatal(err)
	}
	if err := m.Remove("base-memory"); err == nil {
		t.Error("removed twice")
	}
}

// TestPullKnown holds that a pinned model needs no trust.
func TestPullKnown(t *testing.T) {
	f, m := newRegistry(t), Models{t.TempDir()}
	was := pinned["base-memory"]
	t.Cleanup(func() { pinned["base-memory"] = was })
	pinned["base-memory"] = sum(synthetic.Speller()["model.spell.bin"])
	if _, err := f.pull(m, false); err != nil {
		t.Fatal(err)
	}
	if list, err := m.List(); err != nil || len(list) != 1 || !list[0].Known || list[0].Trusted {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestPullResumes(t *testing.T) {
	f, m := newRegistry(t), Models{t.TempDir()}
	broke := 0
	f.Serve = func(w http.ResponseWriter, _ *http.Request, file []byte) bool {
		if len(file) < 4000 || broke > 0 {
			return false
		}
		broke++
		w.Header().Set("Content-Length", fmt.Sprint(len(file)))
		_, _ = w.Write(file[:3000])
		panic(http.ErrAbortHandler)
	}
	if _, err := f.pull(m, true); err == nil || !strings.Contains(err.Error(), "after 3000 of") {
		t.Fatalf("a connection that breaks: %v", err)
	}
	if _, err := f.pull(m, true); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(f.Ranges(), "bytes=3000-") {
		t.Errorf("asked with %q: the start was fetched again", f.Ranges())
	}
}

// A server without range requests sends the whole file again.
func TestPullWithoutRanges(t *testing.T) {
	f, m := newRegistry(t), Models{t.TempDir()}
	broke := 0
	f.Serve = func(w http.ResponseWriter, _ *http.Request, file []byte) bool {
		w.Header().Set("Content-Length", fmt.Sprint(len(file)))
		if broke == 0 {
			broke++
			_, _ = w.Write(file[:len(file)/2])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		_, _ = w.Write(file)
		return true
	}
	if _, err := f.pull(m, true); err == nil {
		t.Fatal("no error")
	}
	if _, err := f.pull(m, true); err != nil {
		t.Fatal(err)
	}
}

func TestPullRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(f registry)
		want   string
	}{
		"a changed file": {func(f registry) {
			for _, b := range f.Files {
				b[len(b)/2] ^= 1
			}
		}, "its sha256 is"},
		"another content": {func(f registry) {
			for _, r := range f.Records {
				r["decompressedHash"] = strings.Repeat("0", 64)
			}
		}, "when decompressed, not 000000000000"},
		"a file that ends early": {func(f registry) {
			for where, b := range f.Files {
				f.Files[where] = b[:len(b)-10]
			}
		}, "it ended after"},
		"a bomb": {func(f registry) {
			for _, r := range f.Records {
				r["decompressedSize"] = 100
			}
		}, "more than 100 bytes when decompressed"},
		"no hash": {func(f registry) {
			for _, r := range f.Records {
				r["decompressedHash"] = ""
			}
		}, "no hashes"},
		"a name that climbs": {
			func(f registry) { f.Records[0]["name"] = f.Records[0]["fileType"].(string) + "/../../x" }, "a file",
		},
		"an address elsewhere": {func(f registry) {
			f.Records[0]["attachment"].(map[string]any)["location"] = "http://169.254.169.254/x"
		}, "no path"},
		"a file missing": {func(f registry) {
			f.Records = slices.DeleteFunc(f.Records, func(r map[string]any) bool { return r["fileType"] == "srcvocab" })
		}, "no whole model"},
		"not for all": {func(f registry) {
			for _, r := range f.Records {
				r["filter_expression"] = "env.channel == 'nightly'"
			}
		}, "no whole model"},
		"not found": {func(f registry) { clear(f.Files) }, "answers 404 not found"},
		"a web page": {func(f registry) {
			f.Server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprint(w, "<html>")
			})
		}, "no JSON"},
		"nobody": {func(f registry) { f.Server.Close() }, "refused"},
		"what is no model": {func(f registry) {
			f.Records = nil
			for _, kind := range []string{"model", "vocab"} {
				f.Add(kind+".bin", kind, "ar", "en", "base-memory", "3.0", []byte("a poem, and a long one at that"))
			}
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f, m := newRegistry(t), Models{t.TempDir()}
			tc.change(f)
			_, err := f.pull(m, true)
			if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "://") {
				t.Errorf("%v, want %q", err, tc.want)
			}
			if list, err := m.List(); err != nil || len(list) != 0 {
				t.Errorf("installed all the same: %v, %v", list, err)
			}
			if left, err := filepath.Glob(filepath.Join(m.Dir, ".staged*")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestInstallFolder(t *testing.T) {
	m, from := Models{filepath.Join(t.TempDir(), "models")}, speller(t)
	if err := m.InstallFolder("base-memory", from, false); err == nil || !strings.Contains(err.Error(), "--trust") {
		t.Fatalf("without trust: %v", err)
	}
	packed := t.TempDir() // as the files lie in Mozilla's bucket
	for name, data := range synthetic.Speller() {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write(data)
		_ = w.Close()
		if err := os.WriteFile(filepath.Join(packed, name+".gz"), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{from, packed} {
		if err := m.InstallFolder("base-memory", dir, true); err != nil {
			t.Fatal(err)
		}
		got, err := m.Find("base-memory")
		if err != nil {
			t.Fatal(err)
		}
		if res, err := New(in(got)).Translate(t.Context(), ask("خبر")); err != nil || res.Texts[0] != "KHBR" {
			t.Errorf("%v, %v", res.Texts, err)
		}
	}
	err := m.InstallFolder("base-memory", t.TempDir(), true)
	if err == nil || !strings.Contains(err.Error(), "no model*.bin") {
		t.Errorf("an empty folder: %v", err)
	}
	if err := m.InstallFolder("../x", from, true); err == nil {
		t.Error("a name that climbs is taken")
	}
	if _, err := m.Find("base-memory"); err != nil {
		t.Errorf("what was there before: %v", err)
	}
}

// Whatever the registry says, a file has a plain name, an address at the registry, and a limited size.
func FuzzRemote(f *testing.F) {
	base, err := url.Parse("https://files.example/cdn/")
	if err != nil {
		f.Fatal(err)
	}
	sum := strings.Repeat("0", 64)
	f.Add("model.aren.bin", "model", "main/x", sum, sum, int64(9), int64(9))
	f.Add("model.aren.bin", "model", "../../x", sum, sum, int64(9), int64(9))
	f.Add("model", "model", ".", sum, sum, int64(9), int64(9)) // the folder itself
	f.Add("model/../../x", "model", "//elsewhere.example/../x", "", "", int64(-1), int64(1)<<62)
	f.Fuzz(func(t *testing.T, name, kind, location, hash, sum string, size, whole int64) {
		rec := record{Name: name, FileType: kind, DecompressedSize: whole, DecompressedHash: sum}
		rec.Attachment.Location, rec.Attachment.Size, rec.Attachment.Hash = location, size, hash
		file, err := rec.remote(base)
		if err != nil {
			return
		}
		to, err := url.Parse(file.Address)
		if err != nil || to.Host != base.Host || !strings.HasPrefix(to.Path, base.Path) ||
			strings.Contains(to.Path, "/../") || filepath.Base(file.Name) != file.Name ||
			len(file.Hash) != 64 || len(file.Sum) != 64 || file.Size > maxFileBytes || file.Whole > maxFileBytes {
			t.Fatalf("%+v", file)
		}
	})
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"model": "x", "files": {"a": "b"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m := Models{t.TempDir()}
		dir := filepath.Join(m.Dir, "x")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, manifestName), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := m.List(); err != nil {
			t.Fatal(err)
		}
	})
}
