package render

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"time"

	gorilla "github.com/gorilla/feeds"

	"github.com/nashra/nashra/feeds"
)

// Writer writes feeds of one channel, story by story. Each story is rendered once for all of them.
type Writer struct {
	site    feeds.Site
	channel feeds.Channel
	listed  []feeds.Listed
	feeds   []*feed
	seen    map[string]bool  // ids of the stories added
	outlets map[named]outlet // made when first named

	publisher func(source string) string // see feeds.Site.Publishers
	page      string                     // of the story whose feeds these are; empty: they are a channel's
}

// NewWriter returns a Writer of feeds that are to show the stories that are listed.
func NewWriter(site feeds.Site, ch feeds.Channel, listed []feeds.Listed) *Writer {
	return &Writer{site: site, channel: ch, listed: listed, seen: map[string]bool{}, outlets: map[named]outlet{},
		publisher: site.Publishers()}
}

// Begin begins a feed on to, before any story is added.
func (w *Writer) Begin(to io.Writer, e feeds.Edition, f feeds.Format) error {
	p := &feed{Writer: w, to: to, edition: e, format: f, frame: frames[f],
		id: urn("", w.channel.ID, e), lang: "en", title: channelTitle(w.channel, e)}
	if e == feeds.Arabic {
		p.lang = "ar"
	}
	for _, l := range w.listed {
		if _, updated := dates(l.Published, l.Updated); shows(e, l.Lang) && updated.After(p.updated) {
			p.updated = updated
		}
	}
	if err := p.begin(); err != nil {
		return fmt.Errorf("begin a feed of channel %s: %w", w.channel.ID, err)
	}
	w.feeds = append(w.feeds, p)
	return nil
}

// Add writes s to the feeds that show it, unless it was added before. Stories come newest first.
func (w *Writer) Add(s feeds.Story) error { return w.add(s, s.ID) }

// add is Add for an entry that has its id from key.
func (w *Writer) add(s feeds.Story, key string) error {
	if w.seen[key] {
		return nil
	}
	w.seen[key] = true
	r := w.render(s, key)
	for _, p := range w.feeds {
		if !shows(p.edition, s.Lang) {
			continue
		}
		if err := p.add(r.in(p.edition)); err != nil {
			return fmt.Errorf("write story %s: %w", s.ID, err)
		}
	}
	return nil
}

// Close writes the ends of the feeds.
func (w *Writer) Close() error {
	for _, p := range w.feeds {
		if err := p.end(); err != nil {
			return fmt.Errorf("end a feed of channel %s: %w", w.channel.ID, err)
		}
	}
	return nil
}

// shows reports whether edition e shows stories in lang: the Arabic one is for what was written in
// Arabic, and omits English.
func shows(e feeds.Edition, lang string) bool { return e != feeds.Arabic || language(lang) != "en" }

// dates returns when a story was published and when it last changed, which is not before.
func dates(published, updated time.Time) (time.Time, time.Time) {
	if updated.Before(published) {
		updated = published
	}
	return published.UTC(), updated.UTC()
}

// feed is one edition of a channel in one format, while it is written.
type feed struct {
	*Writer
	to      io.Writer
	edition feeds.Edition
	format  feeds.Format
	frame   frame
	id      string // urn:uuid:, the same in all formats
	lang    string
	title   string
	updated time.Time // of the entry that changed last; zero if there is none

	buf     bytes.Buffer
	element func(*entry) any
	encode  func(any) error // writes to buf
	started bool            // an entry was written
}

// frame is what stands around the entries of a document.
type frame struct {
	indent string // of the lines of an entry
	first  string // before the first entry
	next   string // before each other entry
	last   string // after the last entry
	tail   string // the end of the document
}

// The encoder of XML ends the line before each entry but the first, and begins the line of the entry.
var frames = map[feeds.Format]frame{
	feeds.Atom: {"  ", "\n", "", "", "\n</feed>"},
	feeds.RSS:  {"    ", "\n", "", "", "\n  </channel>\n</rss>"},
	feeds.JSON: {"    ", "\n    ", ",\n    ", "\n  ", "]\n}\n"},
}

// begin writes what stands before the entries: a document without entries, but for its tail.
func (p *feed) begin() (err error) {
	switch p.format {
	case feeds.Atom:
		p.element, err = (*entry).atom, gorilla.WriteXML(p.atom(), &p.buf)
	case feeds.RSS:
		p.element, err = (*entry).rss, gorilla.WriteXML(p.rss(), &p.buf)
	case feeds.JSON:
		p.element, err = (*entry).json, p.encoder("")(p.json())
	default:
		err = fmt.Errorf("no format %q", p.format)
	}
	p.buf.Truncate(max(0, p.buf.Len()-len(p.frame.tail)))
	p.encode = p.encoder(p.frame.indent)
	return err
}

// encoder returns a function that writes values to buf, each line but the first after indent.
func (p *feed) encoder(indent string) func(any) error {
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

// bufferSize is how much of a feed is gathered for one write: some ten entries.
const bufferSize = 64 << 10

func (p *feed) add(x *entry) error {
	before := p.frame.next
	if !p.started {
		before = p.frame.first
	}
	p.started = true
	p.buf.WriteString(before)
	if err := p.encode(p.element(x)); err != nil {
		return err
	}
	p.buf.Truncate(len(bytes.TrimRight(p.buf.Bytes(), "\n"))) // that the encoder of JSON ends with
	if p.buf.Len() < bufferSize {
		return nil
	}
	return p.flush()
}

func (p *feed) flush() error {
	_, err := p.buf.WriteTo(p.to)
	return err
}

// end writes what stands after the entries.
func (p *feed) end() error {
	if p.started {
		p.buf.WriteString(p.frame.last)
	}
	p.buf.WriteString(p.frame.tail)
	return p.flush()
}
