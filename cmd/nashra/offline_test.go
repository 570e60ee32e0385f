package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/translate/enginetest"
	"github.com/nashra/nashra/translate/offline"
	"github.com/nashra/nashra/translate/offline/synthetic"
)

// A daemon without a model tries to fetch it, says so, and publishes in Arabic. Once the model is there it fills in what waits with the
// next news, without being started again.
func TestServeWithoutModel(t *testing.T) {
	dir := t.TempDir()
	publish := func(sample string) {
		news, err := os.ReadFile(filepath.Join("demo", "samples", sample))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "news.xml"), news, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	publish("souqphone-windows1256.xml")
	origin := httptest.NewServer(&origin{dir: dir})
	defer origin.Close()
	registry := enginetest.NewRegistry(t, synthetic.Speller()) // none that this program knows
	t.Setenv("XDG_DATA_HOME", filepath.Join(dir, "data"))
	file := filepath.Join(dir, "nashra.yaml")
	text := fmt.Sprintf("store: %s\npublish: {dir: %s}\nschedule: \"@every 1s\"\nfetch: {allow_private: true, min_interval: 0s}\nchannels: [{id: feed, wait: 1s}]\n"+
		"sources:\n  - {id: souq, url: %q}\nengines: {offline: {type: offline, mirror: %q}}\n",
		filepath.Join(dir, "nashra.db"), filepath.Join(dir, "public"), origin.URL+"/news.xml", registry.URL)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, cfg, err := readConfig(&options{config: file})
	if err != nil {
		t.Fatal(err)
	}
	public, _, end := serving(t, cfg)
	shows := func(state string, stories int) bool {
		for range 600 {
			if status, body := fetched(t, public+"/feed.json"); status == 200 && strings.Count(body, `"state": "`+state+`"`) == stories {
				return true
			}
			time.Sleep(100 * time.Millisecond)
		}
		return false
	}
	if !shows("waiting", 5) {
		t.Error("its stories are not published in Arabic")
	}
	models, err := offline.UserModels()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(dir, "folder")
	if err := synthetic.Write(folder, synthetic.Speller()); err != nil {
		t.Fatal(err)
	}
	if err := models.InstallFolder("base-memory", folder, true); err != nil {
		t.Fatal(err)
	}
	publish("gulfit-atom.xml")
	if !shows("done", 10) {
		t.Error("its stories are not filled in")
	}
	log := end()
	for _, want := range []string{"downloading the model base-memory 3.0, Arabic to English: ", "licence MPL-2.0", "the model base-memory is not here and could not be fetched"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %q:\n%s", want, log)
		}
	}
}
