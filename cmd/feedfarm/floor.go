package main

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// kept is by what a feed is asked for again.
type kept struct{ ETag, Modified string }

// floorWorkers is how many feeds the floor client asks for at once.
const floorWorkers = 16

// floor is the least that an aggregator may do: it asks the farm for all its feeds, inflates them, and throws them away. Validators of a
// body that came whole are kept in the file, if it has a name, for the next time. What anybody does more has to be worth its price.
func floor(farm, file string) error {
	known := map[string]kept{}
	switch b, err := os.ReadFile(file); {
	case file == "", errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	default:
		if err := json.Unmarshal(b, &known); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: floorWorkers}}
	resp, err := client.Get(farm + "/urls")
	if err != nil {
		return err
	}
	list, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		return err
	}
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		errs []error
		urls = make(chan string)
	)
	for range floorWorkers {
		wg.Go(func() {
			for u := range urls {
				mu.Lock()
				was := known[u]
				mu.Unlock()
				now, err := throwAway(client, u, was)
				mu.Lock()
				if known[u] = now; err != nil {
					errs = append(errs, err)
				}
				mu.Unlock()
			}
		})
	}
	for _, u := range strings.Fields(string(list)) {
		urls <- u
	}
	close(urls)
	wg.Wait()
	if err := errors.Join(errs...); err != nil || file == "" {
		return err
	}
	b, err := json.Marshal(known)
	if err != nil {
		return err
	}
	return os.WriteFile(file, b, 0o644)
}

// throwAway asks for a feed as it was when it was asked for last, and reads what comes to its end.
func throwAway(client *http.Client, url string, was kept) (kept, error) {
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return was, err
	}
	r.Header.Set("User-Agent", "floor/1")
	r.Header.Set("Accept-Encoding", "gzip")
	if was.ETag != "" {
		r.Header.Set("If-None-Match", was.ETag)
	}
	if was.Modified != "" {
		r.Header.Set("If-Modified-Since", was.Modified)
	}
	resp, err := client.Do(r)
	if err != nil {
		return was, err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNotModified {
		return was, nil
	}
	if resp.StatusCode != http.StatusOK {
		return kept{}, fmt.Errorf("%s: %s", url, resp.Status)
	}
	var body io.Reader = resp.Body
	if resp.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(body); err != nil {
			return kept{}, fmt.Errorf("%s: %w", url, err)
		}
	}
	if _, err := io.Copy(io.Discard, body); err != nil {
		return kept{}, fmt.Errorf("%s: %w", url, err)
	}
	return kept{resp.Header.Get("ETag"), resp.Header.Get("Last-Modified")}, nil
}
