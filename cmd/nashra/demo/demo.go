// Package demo is the sample publishers that the demo polls, and the translation memory of what
// they publish. The outlets and their stories are invented; the companies named in them are not,
// and nothing they are said to have done is a source of facts.
package demo

import (
	"bytes"
	"embed"
	"io"
	"io/fs"
	"net/http"
	"path"
)

//go:embed samples/*.xml
var samples embed.FS

//go:embed samples.tmx
var memory []byte

// Publisher is one sample source.
type Publisher struct {
	ID       string
	File     string // beneath the address that Handler is served at
	Timezone string // of dates that name no zone
	Tag      string
}

// Publishers are all of them: between them the formats, encodings and oddities of the Arabic
// technology press.
func Publishers() []Publisher {
	return []Publisher{
		{"tiqani", "tiqani-wordpress.xml", "UTC", "news"},
		{"souqphone", "souqphone-windows1256.xml", "Africa/Cairo", "phones"},
		{"gulfit", "gulfit-atom.xml", "Asia/Riyadh", "business"},
		{"maghrebtech", "maghrebtech-rdf.xml", "Africa/Casablanca", "news"},
		{"shamtech", "shamtech-arabic-dates.xml", "Asia/Beirut", "news"},
		{"khabartech", "khabartech-aggregator.xml", "Asia/Riyadh", "news"},
		{"nilegadget", "nilegadget-atom-summary.xml", "Africa/Cairo", "phones"},
		{"alraqmi", "alraqmi-quirks.xml", "Asia/Riyadh", "news"},
	}
}

// Memory is the translation memory of the samples, TMX 1.4b: translations made by people.
func Memory() io.Reader { return bytes.NewReader(memory) }

// Handler serves the sample feeds at their file names, with validators, as a publisher's server
// does.
func Handler() http.Handler {
	sub, err := fs.Sub(samples, "samples")
	if err != nil {
		panic(err) // the folder is embedded: it is there or the program does not build
	}
	files := http.FileServerFS(sub)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path.Ext(r.URL.Path) == ".xml" {
			w.Header().Set("Content-Type", "application/xml")
		}
		files.ServeHTTP(w, r)
	})
}
