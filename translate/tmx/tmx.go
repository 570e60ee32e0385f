// Package tmx reads and writes rows of the translation memory as TMX 1.4b, which other programs for
// translators read.
package tmx

import (
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/segment"
)

// tmxTime is the date format of TMX 1.4b.
const tmxTime = "20060102T150405Z"

// Limits on a seg and on a whole unit, so that a hostile file cannot exhaust memory.
const (
	maxSegBytes  = 64 << 10
	maxUnitBytes = 1 << 20
)

// People says which units of a file were made by people. The operator must say so: such rows are
// served without checks and before any machine's.
type People uint8

// No unit, those that say so, all units.
const (
	Nobodys People = iota
	AsSaid
	Everyones
)

type tmxUnit struct {
	XMLName xml.Name     `xml:"tu"`
	ID      string       `xml:"tuid,attr,omitempty"`
	Date    string       `xml:"changedate,attr,omitempty"`
	Props   []tmxProp    `xml:"prop"`
	Texts   []tmxVariant `xml:"tuv"`
}

type tmxProp struct {
	Type  string `xml:"type,attr"`
	Value string `xml:",chardata"`
}

type tmxVariant struct {
	Lang string `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	Seg  tmxSeg `xml:"seg"`
}

type tmxSeg struct {
	Inner string `xml:",innerxml"`
}

// prop returns a property of ours.
func (u tmxUnit) prop(name string) string {
	for _, p := range u.Props {
		if p.Type == "x-nashra-"+name {
			return p.Value
		}
	}
	return ""
}

func (u tmxUnit) text(lang string) string {
	for _, v := range u.Texts {
		if base, _, _ := strings.Cut(v.Lang, "-"); strings.EqualFold(base, lang) {
			return v.Seg.Inner
		}
	}
	return ""
}

// Read reads TMX 1.4b and passes each unit of pair to yield. It skips and counts units in other
// languages, with broken codes or without text.
func Read(r io.Reader, pair translate.Pair, people People, yield func(translate.Row) error) (skipped int, err error) {
	in := &rationed{r: r}
	dec := xml.NewDecoder(in)
	for {
		in.left = maxUnitBytes
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return skipped, nil
		}
		if err != nil {
			return skipped, fmt.Errorf("read TMX: %w", err)
		}
		start, ok := tok.(xml.StartElement)
		if !ok || start.Name.Local != "tu" {
			continue
		}
		var u tmxUnit
		if err := dec.DecodeElement(&u, &start); err != nil {
			return skipped, fmt.Errorf("read TMX unit %s: %w", u.ID, err)
		}
		row, ok := u.row(pair, people)
		if !ok {
			skipped++
			continue
		}
		if err := yield(row); err != nil {
			return skipped, err
		}
	}
}

// rationed reads from r until left is used up.
type rationed struct {
	r    io.Reader
	left int
}

func (r *rationed) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, fmt.Errorf("a unit is over %d bytes", maxUnitBytes)
	}
	n, err := r.r.Read(p[:min(len(p), r.left)])
	r.left -= n
	return n, err
}

func (u tmxUnit) row(pair translate.Pair, people People) (translate.Row, bool) {
	src, dst := u.text(pair.From), u.text(pair.To)
	if src == "" || dst == "" || len(src) > maxSegBytes || len(dst) > maxSegBytes {
		return translate.Row{}, false
	}
	src = fromTMX(src)
	dst, ok := translate.Readable(src, fromTMX(dst))
	if !ok {
		return translate.Row{}, false
	}
	role := translate.Role(u.prop("role"))
	if role != translate.Title {
		role = translate.Body
	}
	at, _ := time.Parse(tmxTime, u.Date)
	row := translate.Row{Key: translate.KeyOf(pair, role, src), Pair: pair, Role: role, Source: src,
		Target: dst, At: at}
	if people == Everyones || people == AsSaid && u.prop("origin") == "human" {
		row.Human, row.Engine = true, translate.MemoryName
		return row, true
	}
	row.Engine, row.Model = cmp.Or(u.prop("engine"), translate.ImportName), u.prop("model")
	row.Revision, row.Glossary = u.prop("revision"), u.prop("glossary")
	return row, true
}

// Writer writes rows as TMX 1.4b. It leaves out rows of other pairs and rows without a target,
// which mean nothing to other programs. Close ends the document.
type Writer struct {
	w    io.Writer
	pair translate.Pair
}

// NewWriter starts a document.
func NewWriter(w io.Writer, pair translate.Pair) (*Writer, error) {
	_, err := fmt.Fprintf(w, xml.Header+`<tmx version="1.4"><header creationtool="nashra" `+
		`creationtoolversion="1" segtype="paragraph" o-tmf="nashra" adminlang="en" srclang="%s" `+
		`datatype="html"/><body>`+"\n", html.EscapeString(pair.From))
	return &Writer{w, pair}, err
}

// Write adds a row.
func (t *Writer) Write(r translate.Row) error {
	if r.Target == "" || r.Pair != t.pair {
		return nil
	}
	origin := "machine"
	if r.Human {
		origin = "human"
	}
	u := tmxUnit{ID: fmt.Sprintf("%x", r.Key[:8]), Date: r.At.UTC().Format(tmxTime), Texts: []tmxVariant{
		{Lang: t.pair.From, Seg: tmxSeg{toTMX(r.Source)}}, {Lang: t.pair.To, Seg: tmxSeg{toTMX(r.Target)}}}}
	for _, p := range []tmxProp{{"role", string(r.Role)}, {"engine", r.Engine}, {"model", r.Model},
		{"revision", r.Revision},
		{"origin", origin}, {"glossary", r.Glossary}} {
		if p.Value != "" {
			u.Props = append(u.Props, tmxProp{"x-nashra-" + p.Type, p.Value})
		}
	}
	b, err := xml.Marshal(u)
	if err != nil {
		return fmt.Errorf("write TMX: %w", err)
	}
	_, err = t.w.Write(append(b, '\n'))
	return err
}

// Close ends the document. It does not close the underlying writer.
func (t *Writer) Close() error {
	_, err := io.WriteString(t.w, "</body></tmx>\n")
	return err
}

var (
	tmxCode   = regexp.MustCompile(`<(bpt|ept|ph)\b([^>]*?)(?:/>|>[^<]*</(?:bpt|ept|ph)>)`)
	tmxNumber = regexp.MustCompile(`\b(?:i|x)="([0-9]+)"`)
	tmxOther  = regexp.MustCompile(`<[^>]*>`)
)

// toTMX writes neutral codes in TMX: <bpt/>…<ept/> for a pair, <ph/> for a single code.
func toTMX(neutral string) string {
	return segment.CodeTag.ReplaceAllStringFunc(neutral, func(c string) string {
		m := segment.CodeTag.FindStringSubmatch(c)
		switch {
		case m[2] == "x":
			return `<ph x="` + m[3] + `"/>`
		case m[1] == "/":
			return `<ept i="` + m[3] + `"/>`
		}
		return `<bpt i="` + m[3] + `" x="` + m[3] + `"/>`
	})
}

// fromTMX is the inverse of toTMX. It drops the tags of other inline elements.
func fromTMX(seg string) string {
	var out strings.Builder
	rest := seg
	for {
		at := tmxCode.FindStringSubmatchIndex(rest)
		if at == nil {
			break
		}
		out.WriteString(plainXML(rest[:at[0]]))
		name, attrs := rest[at[2]:at[3]], rest[at[4]:at[5]]
		if n := tmxNumber.FindStringSubmatch(attrs); n != nil {
			out.WriteString(map[string]string{"bpt": "<g" + n[1] + ">", "ept": "</g" + n[1] + ">",
				"ph": "<x" + n[1] + "/>"}[name])
		}
		rest = rest[at[1]:]
	}
	out.WriteString(plainXML(rest))
	return strings.TrimSpace(out.String())
}

// plainXML returns the text of a piece of XML, escaped for the neutral form.
func plainXML(s string) string {
	return segment.Escape(html.UnescapeString(tmxOther.ReplaceAllString(s, "")))
}
