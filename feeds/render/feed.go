package render

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"iter"
	"time"

	gorilla "github.com/gorilla/feeds"

	"github.com/nashra/nashra/feeds"
)

// Feed writes one edition of a channel in one format, story by story.
type Feed struct {
	edition feeds.Edition
	format  feeds.Format
	site    feeds.Site
	channel feeds.Channel
	id      string // urn:uuid:, the same in all formats
	lang    string
	title   string
	updated time.Time // of the entry that changed last; zero if there is none

	w       io.Writer
	frame   frame
	element func(*entry) any
	encode  func(any) error // writes to buf
	buf     bytes.Buffer
	seen    map[string]bool // ids of the stories added
}

// frame is what stands around the entries of a document.
type frame struct {
	indent string // of an entry
	comma  string // between entries
	end    string // of the entries, if there are any
	tail   string // of the document
}

var frames = map[feeds.Format]frame{
	feeds.Atom: {indent: "  ", tail: "\n</feed>"},
	feeds.RSS:  {indent: "    ", tail: "\n  </channel>\n</rss>"},
	feeds.JSON: {indent: "    ", comma: ",", end: "\n  ", tail: "]\n}\n"},
}

// NewFeed begins a feed on w. updated is what Updated returns for its stories.
func NewFeed(w io.Writer, site feeds.Site, ch feeds.Channel, e feeds.Edition, f feeds.Format, updated time.Time) (
	*Feed, error) {
	p := &Feed{edition: e, format: f, site: site, channel: ch, id: urn("", ch.ID, e), lang: "en",
		title: channelTitle(ch, e), updated: updated, w: w, frame: frames[f], seen: map[string]bool{}}
	if e == feeds.Arabic {
		p.lang = "ar"
	}
	var err error
	switch f {
	case feeds.Atom:
		p.element, err = (*entry).atom, gorilla.WriteXML(p.atom(), &p.buf)
	case feeds.RSS:
		p.element, err = (*entry).rss, gorilla.WriteXML(p.rss(), &p.buf)
	case feeds.JSON:
		p.element, err = (*entry).json, p.encoder("")(p.json())
	default:
		err = fmt.Errorf("no format %q", f)
	}
	if err != nil {
		return nil, fmt.Errorf("write channel %s: %w", ch.ID, err)
	}
	p.encode = p.encoder(p.frame.indent)
	_, err = w.Write(bytes.TrimSuffix(p.buf.Bytes(), []byte(p.frame.tail)))
	return p, err
}

// encoder returns a function that writes values to buf, each line but the first after indent.
func (p *Feed) encoder(indent string) func(any) error {
	if p.format == feeds.JSON {
		enc := json.NewEncoder(&p.buf)
		enc.SetEscapeHTML(false)
		enc.SetIndent(indent, "  ")
		return enc.Encode
	}
	enc := xml.NewEncoder(&p.buf)
	enc.Indent(indent, "  ")
	return enc.Encode
}

// Add writes s, if the edition shows it and it was not added before. Stories come newest first.
func (p *Feed) Add(s *Story) error {
	if !shows(p.edition, s.story) || p.seen[s.story.ID] {
		return nil
	}
	p.buf.Reset()
	if err := p.encode(p.element(s.in(p.edition))); err != nil {
		return fmt.Errorf("write story %s: %w", s.story.ID, err)
	}
	between := "\n" + p.frame.indent
	if len(p.seen) > 0 {
		between = p.frame.comma + between
	}
	p.seen[s.story.ID] = true
	if _, err := io.WriteString(p.w, between); err != nil {
		return err
	}
	_, err := p.w.Write(bytes.TrimSpace(p.buf.Bytes()))
	return err
}

// Write renders each of stories once, adds it to all feeds, and closes these.
func Write(site feeds.Site, ch feeds.Channel, stories iter.Seq[feeds.Story], to ...*Feed) error {
	for s := range stories {
		story := NewStory(site, ch, s)
		for _, p := range to {
			if err := p.Add(story); err != nil {
				return err
			}
		}
	}
	for _, p := range to {
		if err := p.Close(); err != nil {
			return err
		}
	}
	return nil
}

// Close writes the end of the feed.
func (p *Feed) Close() error {
	tail := p.frame.tail
	if len(p.seen) > 0 {
		tail = p.frame.end + tail
	}
	_, err := io.WriteString(p.w, tail)
	return err
}

// shows reports whether edition e shows s: the Arabic one is for what was written in Arabic, and omits
// English.
func shows(e feeds.Edition, s feeds.Story) bool { return e != feeds.Arabic || language(s.Lang) != "en" }

// Updated returns when what edition e shows of stories last changed; zero if it shows none of them.
// Stories need no more than their dates and language.
func Updated(e feeds.Edition, stories []feeds.Story) (at time.Time) {
	for _, s := range stories {
		if _, updated := dates(s); shows(e, s) && updated.After(at) {
			at = updated
		}
	}
	return at
}
