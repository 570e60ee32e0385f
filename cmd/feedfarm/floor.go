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

// validators are those of a feed's last answer.
type validators struct{ ETag, Modified string }

// floorWorkers is how many feeds the floor client requests at once.
const floorWorkers = 16

// floor does the least work of any aggregator: it requests all feeds of the farm, decompresses and
// discards them. It keeps their validators in file for the next run, if file is not empty.
func floor(farm, file string) error {
	known := map[string]validators{}
	switch b, err := os.ReadFile(file); {
	case file == "", errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	default:
		if err := json.Unmarshal(b, &known); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	client := &http.Client{Timeout: 30 * time.Second,
		Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: floorWorkers}}
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
				now, err := discard(client, u, was)
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

// discard requests a feed with the validators of its last answer, and reads the new answer.
func discard(client *http.Client, url string, was validators) (validators, error) {
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
		return validators{}, fmt.Errorf("%s: %s", url, resp.Status)
	}
	var body io.Reader = resp.Body
	if resp.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(body); err != nil {
			return validators{}, fmt.Errorf("%s: %w", url, err)
		}
	}
	if _, err := io.Copy(io.Discard, body); err != nil {
		return validators{}, fmt.Errorf("%s: %w", url, err)
	}
	return validators{resp.Header.Get("ETag"), resp.Header.Get("Last-Modified")}, nil
}
