package offline

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Mozilla is the server of the models' registry, the one that Firefox uses.
const Mozilla = "https://firefox.settings.services.mozilla.com"

// Licence is the licence of the repositories that publish the models. None is stated for the weights themselves.
const Licence = "MPL-2.0"

const (
	recordsPath     = "/v1/buckets/main/collections/translations-models-v2/records"
	maxRecordsBytes = 16 << 20 // the list of all languages has less than 1 MB
	newestMajor     = 3        // the major version of the records that this program reads
)

// The sha256 of the decompressed models that this program knows. They are variables so that a build may
// replace them by -ldflags -X.
var (
	pinBaseMemory = "7b7af0282dc5f4d8805b9a298c2fa828967e3f09ca10f1942ebeea0b2cfc12fa"
	pinBase       = "f3888b9db780da4d681aaf987adfcd6ea54f82dd14ed2594b2b7ac7d253b6290"
)

// pinned maps architectures to known hashes, for Arabic to English.
var pinned = map[string]string{"base-memory": pinBaseMemory, "base": pinBase}

// Names are the models that can be downloaded, the default one first.
func Names() []string { return []string{"base-memory", "base"} }

// Registry is a server that lists models and has their files, in the format of Mozilla's Remote Settings.
type Registry struct {
	URL    string // of the server, without a path: Mozilla or a mirror
	Client *http.Client
}

// Offer is a model in the registry.
type Offer struct {
	Name, Version string
	Host          string // of the files
	Files         []Remote
}

// Remote is one file of an offer.
type Remote struct {
	Name    string // without a folder
	Kind    string // model, lex, vocab, srcvocab, trgvocab
	Address string
	Size    int64  // of the download, in bytes
	Hash    string // sha256 of the download, in hex
	Whole   int64  // decompressed size, in bytes
	Sum     string // sha256 when decompressed, in hex
}

// Bytes returns the size of the download.
func (o Offer) Bytes() (n int64) {
	for _, f := range o.Files {
		n += f.Size
	}
	return n
}

// record is an entry of the registry, in its own format.
type record struct {
	Name             string `json:"name"`
	SourceLanguage   string `json:"sourceLanguage"`
	TargetLanguage   string `json:"targetLanguage"`
	Architecture     string `json:"architecture"`
	Version          string `json:"version"`
	FileType         string `json:"fileType"`
	FilterExpression string `json:"filter_expression"`
	DecompressedSize int64  `json:"decompressedSize"`
	DecompressedHash string `json:"decompressedHash"`
	Attachment       struct {
		Hash     string `json:"hash"`
		Size     int64  `json:"size"`
		Location string `json:"location"`
	} `json:"attachment"`
}

// Find looks up the newest released version of a model.
func (r Registry) Find(ctx context.Context, from, to, name string) (Offer, error) {
	var root struct {
		Capabilities struct {
			Attachments struct {
				BaseURL string `json:"base_url"`
			} `json:"attachments"`
		} `json:"capabilities"`
	}
	if err := r.get(ctx, "/v1/", &root); err != nil {
		return Offer{}, err
	}
	base, err := url.Parse(root.Capabilities.Attachments.BaseURL)
	if err != nil || base.Host == "" {
		return Offer{}, errors.New("the registry does not say where its files are")
	}
	var list struct {
		Data []record `json:"data"`
	}
	if err := r.get(ctx, recordsPath, &list); err != nil {
		return Offer{}, err
	}
	return choose(list.Data, base, from, to, name)
}

// choose returns the newest released version in a list of records.
func choose(list []record, base *url.URL, from, to, name string) (Offer, error) {
	offers := map[string]*Offer{}
	for _, rec := range list {
		v, ok := version(rec.Version)
		if rec.SourceLanguage != from || rec.TargetLanguage != to || rec.Architecture != name ||
			rec.FilterExpression != "" || !ok || v[0] > newestMajor {
			continue
		}
		f, err := rec.remote(base)
		if err != nil {
			return Offer{}, fmt.Errorf("the registry's %.40q: %w", rec.Name, err)
		}
		if offers[rec.Version] == nil {
			offers[rec.Version] = &Offer{Name: name, Version: rec.Version, Host: base.Host}
		}
		offers[rec.Version].Files = append(offers[rec.Version].Files, f)
	}
	return newest(offers, name)
}

// newest returns the complete offer with the highest version.
func newest(offers map[string]*Offer, name string) (Offer, error) {
	var best *Offer
	for _, o := range offers {
		if best != nil {
			a, _ := version(o.Version)
			if b, _ := version(best.Version); slices.Compare(a[:], b[:]) <= 0 {
				continue
			}
		}
		if o.whole() {
			best = o
		}
	}
	if best == nil {
		return Offer{}, fmt.Errorf("the registry has no whole model %q", name)
	}
	slices.SortFunc(best.Files, func(a, b Remote) int { return cmp.Compare(a.Name, b.Name) })
	return *best, nil
}

// whole reports whether an offer has each file that a model needs, once.
func (o Offer) whole() bool {
	n := map[string]int{}
	for _, f := range o.Files {
		n[f.Kind]++
	}
	joint := n["vocab"] == 1 && n["srcvocab"]+n["trgvocab"] == 0
	split := n["vocab"] == 0 && n["srcvocab"] == 1 && n["trgvocab"] == 1
	return n["model"] == 1 && n["lex"] <= 1 && (joint || split)
}

// remote validates a record of the registry, which is untrusted, as a file.
func (rec record) remote(base *url.URL) (Remote, error) {
	kinds := []string{"model", "lex", "vocab", "srcvocab", "trgvocab"}
	a := rec.Attachment
	where, err := url.Parse(a.Location)
	switch {
	case err != nil || where.IsAbs() || where.Host != "" || strings.Contains(where.Path, "..") ||
		path.Clean("/"+where.Path) == "/":
		return Remote{}, errors.New("a location that is no path")
	case !slices.Contains(kinds, rec.FileType) || !plain(rec.Name) || !strings.HasPrefix(rec.Name, rec.FileType):
		return Remote{}, fmt.Errorf("a file %.40q of type %.20q", rec.Name, rec.FileType)
	case a.Size <= 0 || a.Size > maxFileBytes || rec.DecompressedSize <= 0 || rec.DecompressedSize > maxFileBytes:
		return Remote{}, fmt.Errorf("%d bytes, %d when decompressed", a.Size, rec.DecompressedSize)
	case !isSum(a.Hash) || !isSum(rec.DecompressedHash):
		return Remote{}, errors.New("it has no hashes")
	}
	return Remote{
		Name:    rec.Name,
		Kind:    rec.FileType,
		Address: base.JoinPath(where.Path).String(),
		Size:    a.Size,
		Hash:    a.Hash,
		Whole:   rec.DecompressedSize,
		Sum:     rec.DecompressedHash,
	}, nil
}

// plain reports whether name is a valid name of a model's file on every operating system.
func plain(name string) bool {
	return name != "" && len(name) < 100 && name[0] != '.' && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '.' && r != '-' && r != '_'
	})
}

func isSum(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// version parses versions such as 3.1. Versions with letters are trials and are not ok.
func version(s string) (v [2]int, ok bool) {
	major, minor, found := strings.Cut(s, ".")
	var err1, err2 error
	v[0], err1 = strconv.Atoi(major)
	v[1], err2 = strconv.Atoi(minor)
	return v, found && err1 == nil && err2 == nil
}

// get decodes a JSON document of the registry.
func (r Registry) get(ctx context.Context, path string, into any) error {
	res, err := request(ctx, r.Client, strings.TrimSuffix(r.URL, "/")+path, 0)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(http.MaxBytesReader(nil, res.Body, maxRecordsBytes))
	if err != nil {
		return broken("read the registry", err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return errors.New("the registry's answer is no JSON of the expected form")
	}
	return nil
}

// request asks for a file, starting at byte from. The answer is 200, or 206 if the server starts at from.
func request(ctx context.Context, c *http.Client, address string, from int64) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("unreadable address")
	}
	req.Header.Set("Accept-Encoding", "identity") // the hashes are of the stored bytes
	if from > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	res, err := c.Do(req)
	if err != nil {
		return nil, broken("ask "+req.URL.Host, err)
	}
	if res.StatusCode == http.StatusOK || res.StatusCode == http.StatusPartialContent && from > 0 {
		return res, nil
	}
	res.Body.Close()
	return nil, &statusError{req.URL.Host, res.StatusCode}
}

type statusError struct {
	host   string
	status int
}

func (e *statusError) Error() string {
	return fmt.Sprintf("%s answers %d %s", e.host, e.status, strings.ToLower(http.StatusText(e.status)))
}

// broken returns a network error without the address.
func broken(what string, err error) error {
	if u := new(url.Error); errors.As(err, &u) {
		err = u.Err
	}
	return fmt.Errorf("%s: %w", what, err)
}
