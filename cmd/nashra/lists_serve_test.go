//go:build unix

package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator/store/storetest"
	"github.com/nashra/nashra/feeds/site/sitetest"
)

// Two daemons on one store follow a list without a restart: one of them reads it, and both serve what it brings.
func TestDaemonsFollowAList(t *testing.T) {
	t.Parallel()
	bin, database, shelf := filepath.Join(build(t), "nashra"), storetest.Postgres(t), newShelf(t)
	shelf.put("a", "b")
	var addresses []string
	for range 2 {
		dir := t.TempDir()
		file := filepath.Join(dir, "nashra.yaml")
		text := fmt.Sprintf("store: %q\npublish: {dir: %s}\nserve: {listen: 127.0.0.1:0, metrics: \"\"}\nfetch: "+
			"{allow_private: true}\ntranslate: {engines: []}\nsources: [{opml: %q, id: readers, tags: [shared]}]\n"+
			"channels: [{id: feed, tags: [shared]}]\n", database, filepath.Join(dir, "public"), shelf.URL+"/list.opml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		log := &lockedBuffer{}
		cmd := exec.Command(bin, "serve", "-c", file)
		cmd.Stdout, cmd.Stderr = log, log
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = cmd.Process.Signal(syscall.SIGTERM)
			_ = cmd.Wait()
			if t.Failed() {
				t.Log(log.String())
			}
		})
		within(t, "serving", func() bool { return strings.Contains(log.String(), "serving http") })
		_, rest, _ := strings.Cut(log.String(), "serving ")
		address, _, _ := strings.Cut(rest, "\n")
		addresses = append(addresses, address)
	}
	for _, address := range addresses {
		within(t, "both stories", func() bool {
			status, body := sitetest.Get(t, address+"feed.atom")
			return status == http.StatusOK && strings.Count(body, "<entry") == 2
		})
		within(t, "the feed of a source", func() bool {
			status, body := sitetest.Get(t, address+"sources/"+shelf.id("a")+".atom")
			return status == http.StatusOK && strings.Contains(body, "خبر a")
		})
	}
	if n := shelf.requests("/list.opml"); n != 1 {
		t.Errorf("the list was asked for %d times", n)
	}
	if n := shelf.requests("/a"); n != 1 {
		t.Errorf("a source was asked for %d times", n)
	}
}

// within waits for something that takes a while at most.
func within(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not in a minute", what)
		}
	}
}
