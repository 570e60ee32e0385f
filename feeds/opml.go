package feeds

import (
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/net/html/charset"

	"github.com/nashra/nashra/translate/arabic"
)

// outline is an element of OPML 2.0: a feed.
type outline struct {
	Text     string `xml:"text,attr"`
	Title    string `xml:"title,attr,omitempty"`
	Type     string `xml:"type,attr,omitempty"`
	XMLURL   string `xml:"xmlUrl,attr,omitempty"`
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

// EncodeOPML writes sources, in any order and without private ones, as a list that feed readers
// import: each in the folder of its first tag, with all tags as its category. It writes one source
// after the other.
func EncodeOPML(w io.Writer, title string, sources []Source) error {
	folder := func(s Source) string { return strings.Join(s.Tags[:min(len(s.Tags), 1)], "") }
	sorted := slices.SortedFunc(slices.Values(sources), func(x, y Source) int {
		return cmp.Or(strings.Compare(folder(x), folder(y)), strings.Compare(x.ID, y.ID))
	})
	sorted = slices.DeleteFunc(sorted, func(s Source) bool { return s.Private || URI(s.URL) == "" })
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
	for _, s := range sorted {
		if in := folder(s); in != open {
			if open != "" {
				token(element("outline").End())
			}
			token(element("outline", "text", in, "title", in))
			open = in
		}
		title := cmp.Or(OneLine(s.Title), s.ID)
		o := outline{
			Text: title, Title: title, Type: "rss", XMLURL: URI(s.URL), HTMLURL: URI(s.Site),
			Language: Legal(s.Lang), Category: strings.Join(s.Tags, ","),
		}
		if err := enc.EncodeElement(o, element("outline")); err != nil {
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
	maxOPMLBytes   = 10 << 20
	maxOPMLDepth   = 32
	maxOPMLSources = 10_000
)

// DecodeOPML reads a list of feeds in any version of OPML; a list without feeds is an error. Folders
// and categories become tags ("AI news" is ai-news, "هواتف" hwatf); sources get no id.
func DecodeOPML(r io.Reader) ([]Source, error) {
	d := xml.NewDecoder(io.LimitReader(r, maxOPMLBytes))
	d.Strict, d.CharsetReader, d.Entity = false, charset.NewReaderLabel, xml.HTMLEntity
	var out []Source
	var folders [][]string // tags of each open element
	known := map[string]int{}
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read OPML: %w", err)
		}
		switch tok := tok.(type) {
		case xml.EndElement:
			if len(folders) > 0 {
				folders = folders[:len(folders)-1]
			}
		case xml.StartElement:
			if len(folders) == 0 && !strings.EqualFold(tok.Name.Local, "opml") {
				name := Shorten(OneLine(tok.Name.Local), 40)
				return nil, fmt.Errorf("read OPML: it begins with <%s>: this is no list of feeds", name)
			}
			if len(folders) == maxOPMLDepth {
				return nil, fmt.Errorf("read OPML: folders stand more than %d deep", maxOPMLDepth)
			}
			src, tags := decodeOutline(tok)
			if len(folders) > 0 {
				tags = append(slices.Clone(folders[len(folders)-1]), tags...)
			}
			folders = append(folders, tags)
			if src.URL == "" {
				continue
			}
			key := FeedKey(src.URL)
			at, again := known[key] // counts once, with all tags
			if !again {
				at = len(out)
				known[key] = at
				out = append(out, src)
			}
			if out[at].Tags = UniqueNames(append(out[at].Tags, tags...)); len(out) > maxOPMLSources {
				return nil, fmt.Errorf("read OPML: more than %d feeds", maxOPMLSources)
			}
		}
	}
	if len(out) == 0 {
		return nil, errors.New("read OPML: it names no feed (an outline with xmlUrl)")
	}
	return out, nil
}

// decodeOutline returns the feed that an outline names, or the tag of a folder. The case of
// attributes is ignored: programs differ.
func decodeOutline(e xml.StartElement) (src Source, tags []string) {
	if !strings.EqualFold(e.Name.Local, "outline") {
		return src, nil
	}
	attr := map[string]string{}
	for _, a := range e.Attr {
		attr[strings.ToLower(a.Name.Local)] = strings.TrimSpace(a.Value)
	}
	title := cmp.Or(attr["title"], attr["text"])
	src = Source{URL: attr["xmlurl"], Title: Shorten(PlainText(title), MaxTitle), Lang: OneLine(attr["language"])}
	if src.URL == "" {
		return src, []string{Slug(title)}
	}
	if URI(attr["htmlurl"]) != "" {
		src.Site = attr["htmlurl"]
	}
	for c := range strings.FieldsFuncSeq(attr["category"], func(r rune) bool { return r == ',' || r == '/' }) {
		tags = append(tags, Slug(c))
	}
	return src, tags
}

// romanized is how folded Arabic letters are written in a tag: without short vowels, which are unknown.
var romanized = strings.NewReplacer(
	"ا", "a", "ب", "b", "ت", "t", "ث", "th", "ج", "j", "ح", "h", "خ", "kh", "د", "d", "ذ", "dh", "ر", "r", "ز", "z",
	"س", "s", "ش", "sh", "ص", "s", "ض", "d", "ط", "t", "ظ", "z", "ع", "a", "غ", "gh", "ف", "f", "ق", "q", "ك", "k",
	"ل", "l", "م", "m", "ن", "n", "ه", "h", "و", "w", "ي", "y", "پ", "p", "چ", "ch", "ژ", "zh", "گ", "g")

// Slug makes an id of name: words of lower-case Latin letters and digits, joined by hyphens. It is
// empty if name has neither.
func Slug(name string) string {
	words := strings.FieldsFunc(romanized.Replace(arabic.Fold(name)), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	tag := strings.Join(words, "-")
	return strings.Trim(tag[:min(len(tag), maxTag)], "-")
}

// maxTag is the longest tag that the config file allows.
const maxTag = 63
