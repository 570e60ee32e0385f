package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// small returns a farm of 20 feeds, with the default addresses.
func small(t *testing.T, args ...string) *farm {
	t.Helper()
	var c config
	fs := flag.NewFlagSet("farm", flag.ContinueOnError)
	c.flags(fs)
	if err := fs.Parse(append([]string{"-n", "20", "-base", "http://127.0.0.1:8900", "-novalidator", "0"},
		args...)); err != nil {
		t.Fatal(err)
	}
	return newFarm(c)
}

func bodies(fm *farm) (out []string) {
	for _, fd := range fm.feeds {
		out = append(out, string(fd.doc.body))
	}
	return out
}

func differing(a, b []string) (n int) {
	for i := range a {
		n += one(a[i] != b[i])
	}
	return n
}

func TestSameSeedSameBytes(t *testing.T) {
	a, b := small(t, "-changed", "0.5"), small(t, "-changed", "0.5")
	first := bodies(a)
	if n := differing(first, bodies(b)); n > 0 {
		t.Errorf("%d of 20 feeds differ between two farms of one seed", n)
	}
	if n := differing(first, bodies(small(t, "-seed", "2"))); n != 20 {
		t.Errorf("%d of 20 feeds differ between two seeds", n)
	}
	said := a.advance(0.5)
	b.advance(0.5)
	if n := differing(first, bodies(a)); n == 0 || n == 20 || n != said["changed_feeds"] {
		t.Errorf("a round changed %d feeds and said %v", n, said)
	}
	if n := differing(bodies(a), bodies(b)); n > 0 {
		t.Errorf("%d of 20 feeds differ between two farms after the same round", n)
	}
	if !bytes.Equal(a.truth(), b.truth()) {
		t.Error("two farms of one seed tell different truths")
	}
}

func TestConditionalRequests(t *testing.T) {
	fm := small(t, "-changed", "1")
	server := httptest.NewServer(fm.handler())
	defer server.Close()
	ask := func(header, value string) *http.Response {
		t.Helper()
		r, err := http.NewRequest(http.MethodGet, server.URL+"/f/3", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("User-Agent", "tester")
		if value != "" {
			r.Header.Set(header, value)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if resp.Body.Close(); err != nil || (len(body) == 0) != (resp.StatusCode == http.StatusNotModified) {
			t.Errorf("status %d with %d bytes, %v", resp.StatusCode, len(body), err)
		}
		return resp
	}
	header, tag := "If-None-Match", ask("", "").Header.Get("ETag")
	if tag == "" {
		header, tag = "If-Modified-Since", ask("", "").Header.Get("Last-Modified")
	}
	if resp := ask(header, tag); resp.StatusCode != http.StatusNotModified {
		t.Errorf("asked again with %s %s: %s", header, tag, resp.Status)
	}
	turned, err := http.Post(server.URL+"/ctl/round", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	turned.Body.Close()
	if resp := ask(header, tag); resp.StatusCode != http.StatusOK {
		t.Errorf("asked again after a round: %s", resp.Status)
	}
	var stats struct {
		Clients map[string]map[string]int `json:"clients"`
	}
	resp, err := http.Get(server.URL + "/ctl/stats")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&stats); err != nil {
		t.Fatal(err)
	}
	if got := stats.Clients["tester"]; got["feed_304"] != 1 || got["conditional"] != 2 || got["in_flight"] != 0 {
		t.Errorf("counters: %v", got)
	}
}

// The floor client requests each feed once, and later only with validators.
func TestFloor(t *testing.T) {
	fm := small(t, "-novalidator", "0.2")
	server := httptest.NewServer(fm.handler())
	defer server.Close()
	fm.cfg.base = server.URL
	file := filepath.Join(t.TempDir(), "validators.json")
	for round := range 2 {
		if err := floor(server.URL, file); err != nil {
			t.Fatal(err)
		}
		var stats struct {
			Clients map[string]map[string]int `json:"clients"`
		}
		resp, err := http.Get(server.URL + "/ctl/stats")
		if err != nil {
			t.Fatal(err)
		}
		err = json.NewDecoder(resp.Body).Decode(&stats)
		resp.Body.Close()
		c, n := stats.Clients["floor/1"], len(fm.feeds)
		without := 0
		for _, fd := range fm.feeds {
			if !fd.hasETag && !fd.hasDate {
				without++
			}
		}
		if err != nil || without == 0 || c["feed_requests"] != (round+1)*n || c["conditional"] != round*(n-without) ||
			c["feed_304"] != round*(n-without) {
			t.Errorf("round %d: %v for %d feeds, of them %d without validators; %v", round, c, n, without, err)
		}
	}
	if err := floor(server.URL+"/nowhere", file); err == nil {
		t.Error("a farm that is not there is no error")
	}
}

// The fake services take what the vendors document, and refuse the rest.
func TestServicesTakeDocumentedRequests(t *testing.T) {
	server := httptest.NewServer(small(t, "-tr-latency", "0", "-tr-per-kchar", "0").handler())
	defer server.Close()
	const v2, v3 = "/language/translate/v2", "/v3/projects/p/locations/global:translateText"
	const kind = "application/json"
	for name, c := range map[string]struct {
		path, kind, key, body string
		want                  int
	}{
		"v2":             {v2, kind, "X-Goog-Api-Key", `{"q":["خبر"],"source":"ar","target":"en"}`, 200},
		"v2, one text":   {v2, kind, "X-Goog-Api-Key", `{"q":"خبر","target":"en"}`, 200},
		"v2, no key":     {v2, kind, "X-Other", `{"q":["خبر"],"target":"en"}`, 403},
		"v2, envelope":   {v2, kind, "X-Goog-Api-Key", `{"data":{"q":["خبر"],"target":"en"}}`, 400},
		"v2, a form":     {v2, "application/x-www-form-urlencoded", "X-Goog-Api-Key", `q=x&target=en`, 400},
		"v3":             {v3, kind, "Authorization", `{"contents":["خبر"],"targetLanguageCode":"en"}`, 200},
		"v3, v2's field": {v3, kind, "Authorization", `{"q":["خبر"],"targetLanguageCode":"en"}`, 400},
		"v3, other call": {"/v3/projects/p/locations/global:detect", kind, "Authorization", `{"contents":["x"]}`, 403},
		"libre":          {"/translate", kind, "X-Other", `{"q":["خبر"],"source":"ar","target":"en"}`, 200},
		"libre, no text": {"/translate", kind, "X-Other", `{"q":[],"source":"ar","target":"en"}`, 400},
		"chat": {"/v1/chat/completions", kind, "Authorization",
			`{"model":"m","messages":[{"role":"user","content":"خبر"}]}`, 200},
		"chat, no text": {"/v1/chat/completions", kind, "Authorization", `{"model":"m","messages":[]}`, 400},
	} {
		r, err := http.NewRequest(http.MethodPost, server.URL+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", c.kind)
		r.Header.Set(c.key, "k")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if res.Body.Close(); err != nil || res.StatusCode != c.want {
			t.Errorf("%s: status %d, want %d: %s", name, res.StatusCode, c.want, body)
		}
	}
}

// A farm in the shape of Kagi's list has many hosts, failing feeds and a clock.
func TestKagi(t *testing.T) {
	fm := small(t, "-kagi", "-n", "400", "-addr", "127.0.0.1:8900")
	faults, hosts, daily := map[string]int{}, map[string]bool{}, 0.0
	for i, fd := range fm.feeds {
		faults[fd.fault]++
		hosts[fm.host(i)] = true
		daily += (24 * time.Hour).Hours() / fm.interval(i).Hours() / float64(len(fm.feeds))
	}
	if len(faults) != 9 || faults[""] < 340 || faults[""] > 380 || len(hosts) != 400 || daily < 7 || daily > 14 {
		t.Errorf("faults %v, %d hosts, %.1f entries a day", faults, len(hosts), daily)
	}
	for _, fd := range fm.feeds[:20] {
		fm.catchUp(fd)
		before, etag := fm.items(fd)[0], fd.doc.etag
		due := fm.published(fd.id, fd.count+fd.added, fd.count)
		for _, c := range []struct {
			at  time.Duration
			new bool
		}{{-time.Second, false}, {0, true}} {
			fm.now.Store(int64(due.Add(c.at).Sub(epoch)))
			fm.catchUp(fd)
			first := fm.items(fd)[0]
			if changed := first.guid != before.guid; changed != c.new || (fd.doc.etag != etag) != c.new ||
				changed && !first.date.Equal(due) {
				t.Errorf("feed %d, %v after its next entry is due: %s of %s", fd.id, c.at, first.guid, first.date)
			}
		}
		fm.now.Store(0)
	}
}
