package site

import (
	"html/template"
	"strings"
	"sync"

	"github.com/nashra/nashra/feeds"
)

// articles keeps the rows of a book as HTML: a story stands on the index and on the pages of its day,
// source, tags and channels.
type articles struct {
	mu   sync.Mutex
	made map[articleKey]string
}

// articleKey is what the HTML of a row depends on.
type articleKey struct {
	story, time string
	edition     feeds.Edition
}

// rootMark stands in links of rows for what leads to the publish folder, until their page is written. No
// text has rootLink, whose quotation mark would be escaped.
const rootMark, rootLink = "_root_/", `href="_root_/`

// HTML returns r as an element.
func (r row) HTML() (template.HTML, error) {
	key := articleKey{r.ID, r.When.Shown, r.edition}
	r.of.mu.Lock()
	made, ok := r.of.made[key]
	r.of.mu.Unlock()
	if !ok {
		var b strings.Builder
		if err := templates[indexKind][r.edition]().ExecuteTemplate(&b, "article", r); err != nil {
			return "", err
		}
		made = b.String()
		r.of.mu.Lock()
		r.of.made[key] = made
		r.of.mu.Unlock()
	}
	return template.HTML(made), nil
}
