package enginetest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// Registry is a server that behaves like Mozilla's Remote Settings for translation models: a root
// document that says where attachments are, a list of records, and zstd files. Set its fields
// before the first request. Written from docs.kinto-storage.org/en/stable/api/1.x: utilities (the root),
// records (GET, no query that it does not know), errors, and from github.com/Kinto/kinto-attachment
// (base_url, the attachment of a record); the records are those of github.com/mozilla/translations.
type Registry struct {
	URL     string
	Server  *httptest.Server
	Records []map[string]any  // the list
	Files   map[string][]byte // attachments by location
	// may answer instead of the server; false: it did not
	Serve func(w http.ResponseWriter, r *http.Request, file []byte) bool

	mu     sync.Mutex
	ranges []string
}

// NewRegistry offers files, typed by the start of their names, as the Arabic to English base-memory
// 3.0. It also lists models that nobody should choose, such as older ones.
func NewRegistry(t testing.TB, files map[string][]byte) *Registry {
	t.Helper()
	f := &Registry{Files: map[string][]byte{}}
	f.Server = httptest.NewServer(f)
	f.URL = f.Server.URL
	t.Cleanup(f.Server.Close)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		kind, _, _ := strings.Cut(name, ".")
		f.Add(name, kind, "ar", "en", "base-memory", "3.0", files[name])
	}
	f.Add("model.aren.bin", "model", "ar", "en", "base-memory", "4.0", []byte("of a later engine"))
	f.Add("model.faen.bin", "model", "fa", "en", "base-memory", "3.0", []byte("of another language"))
	f.Add("model.aren.bin", "model", "ar", "en", "base-memory", "3.0a1", []byte("a trial"))
	f.Add("model.aren.bin", "model", "ar", "en", "base-memory", "2.0", []byte("an older one"))
	return f
}

// Add adds a file to the list.
func (f *Registry) Add(name, kind, from, to, architecture, version string, data []byte) {
	sum := func(b []byte) string {
		s := sha256.Sum256(b)
		return hex.EncodeToString(s[:])
	}
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err) // no option can be wrong
	}
	packed := enc.EncodeAll(data, nil)
	where := fmt.Sprintf("main-workspace/translations-models-v2/%d.zst", len(f.Records))
	f.Files[where] = packed
	f.Records = append(f.Records, map[string]any{"name": name, "fileType": kind, "sourceLanguage": from,
		"targetLanguage": to, "architecture": architecture,
		"version": version, "filter_expression": "", "decompressedSize": len(data), "decompressedHash": sum(data),
		"id": where, "schema": 1749570042331,
		"attachment": map[string]any{"hash": sum(packed), "size": len(packed), "filename": name + ".zst",
			"location": where, "mimetype": "application/zstd"}})
}

// Ranges returns the Range headers of the requests for attachments, in order.
func (f *Registry) Ranges() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.ranges)
}

func (f *Registry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	where, isFile := strings.CutPrefix(r.URL.Path, "/cdn/")
	refuse := func(status, errno int) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"code": %d, "errno": %d, "error": "%s"}`, status, errno, http.StatusText(status))
	}
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		refuse(http.StatusMethodNotAllowed, 115)
	case r.URL.RawQuery != "":
		refuse(http.StatusBadRequest, 107)
	case isFile:
		f.mu.Lock()
		f.ranges = append(f.ranges, r.Header.Get("Range"))
		f.mu.Unlock()
		file, ok := f.Files[where]
		if !ok {
			http.NotFound(w, r)
		} else if f.Serve == nil || !f.Serve(w, r, file) {
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(file))
		}
	case r.URL.Path == "/v1/":
		fmt.Fprintf(w,
			`{"project_name": "Remote Settings", "capabilities": {"attachments": {"base_url": "%s/cdn/"}}}`, f.URL)
	case r.URL.Path == "/v1/buckets/main/collections/translations-models-v2/records":
		_ = json.NewEncoder(w).Encode(map[string]any{"data": f.Records}) // the client may have disconnected
	default:
		refuse(http.StatusNotFound, 111)
	}
}
