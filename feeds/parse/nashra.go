package parse

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
)

// nashra is what another nashra says of an item: see docs/json.md. A value of a wrong type counts as missing.
type nashra struct {
	raw         json.RawMessage
	Original    string                `json:"original"`
	Texts       map[string]nashraText `json:"texts"`
	Sources     []nashraSource        `json:"sources"`
	Translation struct {
		Engine string `json:"engine"`
		Model  string `json:"model"`
		At     string `json:"at"`
	} `json:"translation"`
}

type nashraText struct {
	Title   string `json:"title"`
	Content string `json:"content_html"`
	Summary string `json:"summary_html"`
}

type nashraSource struct {
	ID        string `json:"id"`
	Title     string `json:"title"`
	TitleAR   string `json:"title_ar"`
	URL       string `json:"url"`
	ItemTitle string `json:"item_title"`
	Published string `json:"published"`
	Bulletin  bool   `json:"bulletin"`
}

// readNashra reads what the items of body, a JSON feed that gofeed could parse, have in _nashra.
func (r *reader) readNashra(body []byte) {
	var f struct {
		Items []struct {
			Nashra json.RawMessage `json:"_nashra"`
		} `json:"items"`
	}
	_ = json.Unmarshal(body, &f) // what gofeed reads as items are objects
	if len(f.Items) != len(r.feed.Items) {
		return
	}
	r.foreign = make([]nashra, len(f.Items))
	wrong, without, english := 0, 0, 0
	for i, it := range f.Items {
		n := &r.foreign[i]
		if len(it.Nashra) == 0 {
			without++
			continue
		}
		if err := json.Unmarshal(it.Nashra, n); err != nil {
			wrong++
		}
		n.raw = it.Nashra
		if _, ok := n.Texts[n.Original]; !ok {
			english++
		}
	}
	if wrong > 0 {
		r.notes = append(r.notes,
			fmt.Sprintf("%d of its items have values of a wrong type in _nashra: they were left out", wrong))
	}
	if without > 0 && without == len(f.Items) {
		r.notes = append(r.notes, untold)
	}
	if english > 0 && english+without == len(f.Items) {
		r.notes = append(r.notes, oneSided)
	}
}

// untold is the note of a trusted source that says nothing.
const untold = "trust has no effect: its items have no _nashra; name a .json feed of a channel of stories"

// oneSided is the note of a trusted source that has translations alone.
const oneSided = "no translation is taken over: its items lack their originals; name the bilingual feed, ID.json"

// nashraOf returns what another nashra says of the i-th item; nil: nothing.
func (r *reader) nashraOf(i int) *nashra {
	if i >= len(r.foreign) || len(r.foreign[i].raw) == 0 {
		return nil
	}
	return &r.foreign[i]
}

// in puts the original text, as the other nashra had it, in place of what it published, which may be in
// several languages.
func (n *nashra) in(e *original) {
	for _, page := range []string{n.lead().URL, e.external} {
		if u := absolute(e.base, page); u != "" { // the link may be to the other's page of the story
			own := *e.Item
			own.Link = u
			e.Item = &own
			break
		}
	}
	if t, ok := n.Texts[n.Original]; ok && (t.Title != "" || t.Content != "" || t.Summary != "") {
		e.title, e.content, e.summary = givenTitle(t.Title), t.Content, t.Summary
		e.lang, e.foreign = n.Original, n
	}
}

// lead returns the source of the story's text; zero if none is named.
func (n *nashra) lead() (s nashraSource) {
	if len(n.Sources) > 0 {
		s = n.Sources[0]
	}
	return s
}

// givenTitle returns a headline in plain text, as that of any feed.
func givenTitle(s string) string {
	return feeds.Shorten(strings.ReplaceAll(feeds.Line(s), brokenLetter, ""), feeds.MaxTitle)
}

// rendition returns the text of e with its translations; base is of the links. nil: there are none.
func (n *nashra) rendition(e original, base string) *feeds.Rendition {
	text := func(lang string, t nashraText) feeds.Text {
		return feeds.Text{Lang: lang, Title: givenTitle(t.Title),
			Body: sanitize.HTML(cmp.Or(t.Content, t.Summary), base)}
	}
	out := feeds.Rendition{Original: text(e.lang, n.Texts[e.lang]), At: timeOf(n.Translation.At),
		Maker: feeds.Shorten(feeds.OneLine(strings.Trim(n.Translation.Engine+"/"+n.Translation.Model, "/")), maxMaker)}
	for _, lang := range slices.Sorted(maps.Keys(n.Texts)) {
		if t := n.Texts[lang]; lang != e.lang && len(out.Texts) < maxLangs {
			out.Texts = append(out.Texts, text(lang, t))
		}
	}
	if out.Texts == nil {
		return nil
	}
	return &out
}

const (
	// maxMaker is in graphemes: names of engines have at most 63 letters, and of models rarely more.
	maxMaker = 130
	// maxLangs limits the translations of a text: a nashra has one.
	maxLangs = 4
)

// origins returns the outlets that have the story, without other nashras among them: their own sources
// follow.
func (n *nashra) origins(r *reader) (out []feeds.Origin) {
	line := func(s string) string { return feeds.Shorten(feeds.OneLine(s), feeds.MaxTitle) }
	named := map[string]bool{"": true}
	for _, s := range n.Sources[:min(len(n.Sources), feeds.MaxOrigins)] {
		if s.Bulletin {
			continue
		}
		title := feeds.Title{AR: line(s.TitleAR)}.Or(feeds.NewTitle(line(s.Title)))
		o := feeds.Origin{ID: outletID(s.ID), Title: title, URL: absolute(r.base, s.URL), ItemTitle: line(s.ItemTitle),
			Published: timeOf(s.Published)}
		if key := o.Key(); !named[key] {
			named[key] = true
			out = append(out, o)
		}
	}
	return out
}

// outletID returns the id of a source of another nashra, which ours never are: of letters, digits and
// hyphens, at most 63.
func outletID(s string) string {
	id := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, strings.ToLower(s[:min(len(s), maxID)]))
	return strings.Trim(id, "-")
}

// maxID is in bytes: what ids in config files have at most.
const maxID = 63

// timeOf returns a time of RFC 3339 in UTC; zero: s is none.
func timeOf(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
