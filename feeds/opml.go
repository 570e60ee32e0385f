package feeds

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/nashra/nashra/translate/arabic"
)

// outline is an element of OPML 2.0: a feed, a page (type link) or another list (type include).
type outline struct {
	Text     string `xml:"text,attr"`
	Title    string `xml:"title,attr,omitempty"`
	Type     string `xml:"type,attr,omitempty"`
	XMLURL   string `xml:"xmlUrl,attr,omitempty"`
	URL      string `xml:"url,attr,omitempty"` // of a page or a list
	HTMLURL  string `xml:"htmlUrl,attr,omitempty"`
	Language string `xml:"language,attr,omitempty"`
	Category string `xml:"category,attr,omitempty"`
}

// element returns the start of an element. Attributes come as names and values in turn.
func element(name string, attr ...string) xml.StartElement {
	e := xml.StartElement{Name: xml.Name{Local: name}}
	for i := 0; i < len(attr); i += 2 {
		e.Attr = append(e.Attr, xml.Attr{Name: xml.Name{Local: attr[i]}, Value: attr[i+1]})
	}
	return e
}

// filed is a source in the folder of one of its tags.
type filed struct {
	tag string
	*Source
}

// inFolders returns the sources that a list may name, in each folder they are in, by tag and id.
func inFolders(sources []Source) (list []filed) {
	for i := range sources {
		s := &sources[i]
		if s.Private || URI(s.Address()) == "" {
			continue
		}
		for _, tag := range s.Tags {
			list = append(list, filed{tag, s})
		}
		if len(s.Tags) == 0 {
			list = append(list, filed{"", s})
		}
	}
	slices.SortFunc(list, func(x, y filed) int {
		return cmp.Or(strings.Compare(x.tag, y.tag), strings.Compare(x.ID, y.ID))
	})
	return list
}

// outlineOf returns s as an outline with the English name as its text and the Arabic one as its title. Categories
// have the names of folders, unless those hold a comma or a slash, which part them.
func outlineOf(s *Source, folders map[string]string) outline {
	categories := slices.Clone(s.Tags)
	for i, tag := range s.Tags {
		if name := OneLine(folders[tag]); name != "" && !strings.ContainsAny(name, ",/") {
			categories[i] = name
		}
	}
	o := outline{Text: s.Name(Bilingual), Title: s.Name(Arabic), HTMLURL: URI(s.Site), Language: Legal(s.Lang),
		Category: strings.Join(categories, ",")}
	switch {
	case s.List():
		o.Type, o.URL = "include", URI(s.OPML)
	case s.Page.On():
		o.Type, o.URL = "link", URI(s.URL)
	default:
		o.Type, o.XMLURL = "rss", URI(s.URL)
	}
	return o
}

// EncodeOPML writes sources, in any order and without private ones, as a list that feed readers
// import: each in a folder for each of its tags, with all tags as its category. A folder has the
// name that folders gives for its tag, or the tag's. It writes one source after the other.
func EncodeOPML(w io.Writer, title string, sources []Source, folders map[string]string) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	var wrong []error
	token := func(t xml.Token) { wrong = append(wrong, enc.EncodeToken(t)) }
	token(element("opml", "version", "2.0"))
	token(element("head"))
	wrong = append(wrong, enc.EncodeElement(OneLine(title), element("title")))
	token(element("head").End())
	token(element("body"))
	open := ""
	for _, s := range inFolders(sources) {
		if s.tag != open {
			if open != "" {
				token(element("outline").End())
			}
			name := cmp.Or(OneLine(folders[s.tag]), s.tag)
			token(element("outline", "text", name, "title", name))
			open = s.tag
		}
		if err := enc.EncodeElement(outlineOf(s.Source, folders), element("outline")); err != nil {
			return fmt.Errorf("write OPML: %w", err)
		}
	}
	if open != "" {
		token(element("outline").End())
	}
	token(element("body").End())
	token(element("opml").End())
	if err := errors.Join(append(wrong, enc.Close())...); err != nil {
		return fmt.Errorf("write OPML: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// Limits of a list of feeds. The longest that people share have some thousand feeds in a few folders.
const (
	maxOPMLDepth   = 32
	maxOPMLSources = 10_000
	maxOPMLFolders = 32 // of one feed
)

// List is a list of feeds as another program wrote it.
type List struct {
	Sources []Source // without ids; Tags are the names of folders and categories, as written
	NoFeeds []string // outlines that name no feed, and why
	Repeats []string // feeds that the list names again
}

// ErrNoFeed is the error of a list that can be read and names no feed.
var ErrNoFeed = errors.New("it names no feed (an outline with xmlUrl)")

// DecodeOPML reads a list of feeds in any version of OPML, as UTF-8 whatever it says of its encoding.
// A list without feeds comes with ErrNoFeed.
func DecodeOPML(text []byte) (List, error) {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Strict, d.Entity = false, xml.HTMLEntity
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	r := opmlReader{known: map[string]int{}, seen: map[string]bool{}}
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return List{}, fmt.Errorf("read OPML: %w", err)
		}
		switch tok := tok.(type) {
		case xml.EndElement:
			r.end()
		case xml.StartElement:
			if err := r.begin(tok); err != nil {
				return List{}, fmt.Errorf("read OPML: %w", err)
			}
		}
	}
	if !r.begun {
		return List{}, errors.New("read OPML: it is empty, or no XML")
	}
	if len(r.list.Sources) == 0 {
		return r.list, fmt.Errorf("read OPML: %w", ErrNoFeed)
	}
	return r.list, nil
}

// opmlReader is the state of reading a list.
type opmlReader struct {
	list  List
	begun bool            // the root was met
	known map[string]int  // index in list.Sources, by FeedKey
	seen  map[string]bool // FeedKey and folders of the feeds met so far
	open  []opened
}

// opened is an element whose end has not come yet.
type opened struct {
	names   []string // of the folders and categories of what is in it
	label   string   // of an outline that names no feed, until an outline in it is met
	comment bool     // it is commented out, with what is in it
}

func (r *opmlReader) begin(e xml.StartElement) error {
	if root := Shorten(OneLine(e.Name.Local), 40); len(r.open) == 0 && !strings.EqualFold(root, "opml") {
		return fmt.Errorf("it begins with <%s>: this is no list of feeds", root)
	}
	if r.begun = true; len(r.open) == maxOPMLDepth {
		return fmt.Errorf("folders stand more than %d deep", maxOPMLDepth)
	}
	var o opened
	if n := len(r.open); n > 0 {
		o.names, o.comment = r.open[n-1].names, r.open[n-1].comment
	}
	if strings.EqualFold(e.Name.Local, "outline") {
		r.open[len(r.open)-1].label = ""
		r.outline(e, &o)
	}
	if r.open = append(r.open, o); max(len(r.list.Sources), len(r.list.NoFeeds), len(r.list.Repeats)) > maxOPMLSources {
		return fmt.Errorf("more than %d feeds, or outlines that are none", maxOPMLSources)
	}
	return nil
}

func (r *opmlReader) end() {
	if n := len(r.open); n > 0 {
		if label := r.open[n-1].label; label != "" {
			r.list.NoFeeds = append(r.list.NoFeeds, label+" has no xmlUrl, and no feeds are in it")
		}
		r.open = r.open[:n-1]
	}
}

// outline reads an outline, which is a feed or a folder. The case of attributes is ignored: programs
// differ.
func (r *opmlReader) outline(e xml.StartElement, o *opened) {
	attr := map[string]string{}
	for _, a := range e.Attr {
		attr[strings.ToLower(a.Name.Local)] = strings.TrimSpace(a.Value)
	}
	title := cmp.Or(attr["title"], attr["text"])
	src := Source{URL: attr["xmlurl"], Title: titleOf(attr["title"], attr["text"]), Lang: OneLine(attr["language"])}
	label := fmt.Sprintf("outline %q", Shorten(OneLine(title), 60))
	o.comment = o.comment || strings.EqualFold(attr["iscomment"], "true")
	switch kind := strings.ToLower(attr["type"]); {
	case src.URL == "" && attr["url"] != "" && (kind == "include" || kind == "link"):
		what := map[string]string{"include": "another list", "link": "a page"}[kind]
		r.list.NoFeeds = append(r.list.NoFeeds, fmt.Sprintf("%s is %s: %s", label, what, Redact(attr["url"])))
		return
	case src.URL == "":
		if !o.comment {
			o.label = label
		}
		o.names = append(slices.Clip(o.names), Shorten(OneLine(title), MaxTitle))
		return
	case o.comment:
		r.list.NoFeeds = append(r.list.NoFeeds, label+" is commented out")
		return
	case strings.Contains(attr["type"], "+"): // HTML+XPath and others of FreshRSS: a page, and rules for it
		page := fmt.Sprintf("%s is a page, of type %q", label, Shorten(attr["type"], 40))
		r.list.NoFeeds = append(r.list.NoFeeds, page)
		return
	}
	src.Site = URI(attr["htmlurl"])
	var names []string
	for c := range strings.FieldsFuncSeq(attr["category"], func(r rune) bool { return r == ',' || r == '/' }) {
		names = append(names, OneLine(c))
	}
	if other := func(name string) bool { return !slices.Contains(names, name) }; slices.ContainsFunc(o.names, other) {
		names = slices.Concat(o.names, names) // else the categories are all folders of the feed, in their order
	}
	r.feed(src, names, strings.Join(o.names, "\n"))
}

// titleOf returns the names that an outline's title and text give: title goes first, an Arabic name before
// one that would serve both languages.
func titleOf(title, text string) Title {
	t, other := NewTitle(Shorten(PlainText(title), MaxTitle)), NewTitle(Shorten(PlainText(text), MaxTitle))
	if t.AR == t.EN && other.AR != other.EN {
		t, other = other, t
	}
	return t.Or(other)
}

// feed adds src, which is in folder, or names of more folders to a feed that the list has already.
func (r *opmlReader) feed(src Source, names []string, folder string) {
	key := FeedKey(src.URL)
	at, again := r.known[key]
	if !again {
		at = len(r.list.Sources)
		r.known[key] = at
		r.list.Sources = append(r.list.Sources, src)
	}
	first := &r.list.Sources[at]
	for _, name := range names {
		if name != "" && len(first.Tags) < maxOPMLFolders && !slices.Contains(first.Tags, name) {
			first.Tags = append(first.Tags, name)
		}
	}
	place := key + "\n" + folder
	if again && (r.seen[place] || first.Title != src.Title || first.URL != src.URL) {
		r.list.Repeats = append(r.list.Repeats, fmt.Sprintf("%q is in the list before, as %q: %s",
			Shorten(src.Title.In(Bilingual), 60), Shorten(first.Title.In(Bilingual), 60), Redact(src.URL)))
	}
	r.seen[place] = true
}

// romanized is how folded Arabic letters are written in an id: without short vowels, which are unknown.
var romanized = strings.NewReplacer(
	"ا", "a", "ب", "b", "ت", "t", "ث", "th", "ج", "j", "ح", "h", "خ", "kh", "د", "d", "ذ", "dh", "ر", "r", "ز", "z",
	"س", "s", "ش", "sh", "ص", "s", "ض", "d", "ط", "t", "ظ", "z", "ع", "a", "غ", "gh", "ف", "f", "ق", "q", "ك", "k",
	"ل", "l", "م", "m", "ن", "n", "ه", "h", "و", "w", "ي", "y", "پ", "p", "چ", "ch", "ژ", "zh", "گ", "g", "ء", "")

// Slug makes an id of at most n letters of name: words of lower-case Latin letters and digits, joined
// by hyphens. It is empty if name has neither.
func Slug(name string, n int) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(arabic.Fold(name)))
	words := strings.FieldsFunc(romanized.Replace(plain), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	slug := strings.Join(words, "-")
	if len(slug) <= n {
		return slug
	}
	if cut := strings.LastIndexByte(slug[:n+1], '-'); cut > 0 {
		return slug[:cut]
	}
	return slug[:n]
}
