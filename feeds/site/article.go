package site

import (
	"html/template"
	"strings"
	"sync"

	"github.com/nashra/nashra/feeds"
)

// shared is what pages of a book have in common: a story stands on the index and on the pages of
// its day, source, tags, channels and neighbours, and the frames of most pages differ little.
type shared struct {
	pieces  kept[pieceKey, template.HTML]
	entries kept[string, Entry] // of stories beside others, by id
}

// kept holds what is made once.
type kept[K comparable, V any] struct {
	mu   sync.Mutex
	made map[K]V
}

// once returns what fresh made for key. If two ask at once, both make it.
func (m *kept[K, V]) once(key K, fresh func() (V, error)) (V, error) {
	m.mu.Lock()
	v, ok := m.made[key]
	m.mu.Unlock()
	if ok {
		return v, nil
	}
	v, err := fresh()
	if err != nil {
		return v, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.made == nil {
		m.made = map[K]V{}
	}
	m.made[key] = v
	return v, nil
}

// pieceKey is what a piece of pages depends on besides its book.
type pieceKey struct {
	template string
	edition  feeds.Edition
	of, at   string // a row: story and time; else where the page is, and which channels it offers
	channels int
}

// rootMark stands in links of rows for what leads to the publish folder, until their page is written. No
// text has rootLink, whose quotation mark would be escaped.
const rootMark, rootLink = "_root_/", `href="_root_/`

// piece returns the template of that key, executed with data.
func (s *shared) piece(key pieceKey, data any) (template.HTML, error) {
	return s.pieces.once(key, func() (template.HTML, error) {
		var b strings.Builder
		err := templates[indexKind][key.edition]().ExecuteTemplate(&b, key.template, data)
		return template.HTML(b.String()), err
	})
}

// HTML returns r as an element.
func (r row) HTML() (template.HTML, error) {
	return r.of.piece(pieceKey{template: "article", edition: r.edition, of: r.ID, at: r.When.Shown}, r)
}

// Piece returns a part of p's frame that other pages share: those in the same folder that offer the
// same channels and are no more in the menu than p.
func (p page) Piece(name string) (template.HTML, error) {
	key := pieceKey{template: name, edition: p.Edition, of: p.Root, channels: len(p.Channels)}
	if key.channels > 0 {
		key.at = p.Channels[0].Editions[0].Links[0].Path
	}
	for _, l := range p.Nav {
		if l.Current {
			key.of = l.Link
		}
	}
	return p.shared.piece(key, p)
}
