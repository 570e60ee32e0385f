// Package demo has the sample publishers that the demo polls, and a translation memory for them.
// The outlets and their stories are invented; the named companies exist, but what is said of them
// is not fact.
package demo

import (
	"bytes"
	"embed"
	"io"
	"io/fs"
	"net/http"
	"path"
	"time"
)

//go:embed samples/*.xml
var samples embed.FS

//go:embed samples.tmx
var memory []byte

// Publisher is one sample source.
type Publisher struct {
	ID       string
	Name     string // in English
	File     string // path, relative to Handler
	Timezone string // of dates without a zone
	Tag      string
}

// Publishers returns all of them. They cover the formats, encodings and quirks of the Arabic
// technology press.
func Publishers() []Publisher {
	return []Publisher{
		{"tiqani", "Tiqani", "tiqani-wordpress.xml", "UTC", "news"},
		{"souqphone", "Souq Phone", "souqphone-windows1256.xml", "Africa/Cairo", "phones"},
		{"gulfit", "Gulf IT", "gulfit-atom.xml", "Asia/Riyadh", "business"},
		{"maghrebtech", "Maghreb Tech", "maghrebtech-rdf.xml", "Africa/Casablanca", "news"},
		{"shamtech", "Sham Tech", "shamtech-arabic-dates.xml", "Asia/Beirut", "news"},
		{"khabartech", "Khabar Tech", "khabartech-aggregator.xml", "Asia/Riyadh", "news"},
		{"nilegadget", "Nile Gadget", "nilegadget-atom-summary.xml", "Africa/Cairo", "phones"},
		{"alraqmi", "Al-Raqmi", "alraqmi-quirks.xml", "Asia/Riyadh", "news"},
	}
}

// Day is the day of most of the samples' events. The demo runs at its end.
var Day = time.Date(2025, 1, 28, 0, 0, 0, 0, time.UTC)

// Memory returns the samples' translation memory, TMX 1.4b, made by people.
func Memory() io.Reader { return bytes.NewReader(memory) }

// Handler serves the sample feeds by file name, with validators.
func Handler() http.Handler {
	sub, err := fs.Sub(samples, "samples")
	if err != nil {
		panic(err) // cannot happen: the folder is embedded
	}
	files := http.FileServerFS(sub)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path.Ext(r.URL.Path) == ".xml" {
			w.Header().Set("Content-Type", "application/xml")
		}
		files.ServeHTTP(w, r)
	})
}
