package translate

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/nashra/nashra/translate/segment"
)

// tmxTime is the date form of TMX 1.4b.
const tmxTime = "20060102T150405Z"

// the most a unit's seg may hold, so that a hostile file cannot fill the memory
const maxSegBytes = 64 << 10

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

func (u tmxUnit) prop(name string) string {
	for _, p := range u.Props {
		if p.Type == name {
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

// ReadTMX reads TMX 1.4b and gives each unit of pair to yield. Rows are machine rows unless human. Units in other languages, with
// broken codes or without text are skipped and counted.
func ReadTMX(r io.Reader, pair Pair, human bool, yield func(Row) error) (skipped int, err error) {
	dec := xml.NewDecoder(r)
	for {
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
		row, ok := u.row(pair, human)
		if !ok {
			skipped++
			continue
		}
		if err := yield(row); err != nil {
			return skipped, err
		}
	}
}

func (u tmxUnit) row(pair Pair, human bool) (Row, bool) {
	src, dst := u.text(pair.From), u.text(pair.To)
	if src == "" || dst == "" || len(src) > maxSegBytes || len(dst) > maxSegBytes {
		return Row{}, false
	}
	src, dst = fromTMX(src), fromTMX(dst)
	if !fits(src, dst) {
		return Row{}, false
	}
	role := Role(u.prop("x-nashra-role"))
	if role != Title {
		role = Body
	}
	at, _ := time.Parse(tmxTime, u.Date)
	row := Row{Key: KeyOf(pair, role, src), Pair: pair, Role: role, Source: src, Target: dst, Engine: u.prop("x-nashra-engine"),
		Model: u.prop("x-nashra-model"), Glossary: u.prop("x-nashra-glossary"), Human: human, At: at}
	if human {
		row.Engine, row.Model, row.Glossary = MemoryName, "", ""
	}
	return row, true
}

// TMXWriter writes rows as TMX 1.4b; Close ends the document.
type TMXWriter struct {
	w    io.Writer
	pair Pair
}

// NewTMXWriter begins a document.
func NewTMXWriter(w io.Writer, pair Pair) (*TMXWriter, error) {
	_, err := fmt.Fprintf(w, xml.Header+`<tmx version="1.4"><header creationtool="nashra" creationtoolversion="1" segtype="paragraph" `+
		`o-tmf="nashra" adminlang="en" srclang="%s" datatype="html"/><body>`+"\n", html.EscapeString(pair.From))
	return &TMXWriter{w, pair}, err
}

// Write adds a row.
func (t *TMXWriter) Write(r Row) error {
	origin := "machine"
	if r.Human {
		origin = "human"
	}
	u := tmxUnit{ID: fmt.Sprintf("%x", r.Key[:8]), Date: r.At.UTC().Format(tmxTime), Texts: []tmxVariant{
		{Lang: t.pair.From, Seg: tmxSeg{toTMX(r.Source)}}, {Lang: t.pair.To, Seg: tmxSeg{toTMX(r.Target)}}}}
	for _, p := range []tmxProp{{"x-nashra-role", string(r.Role)}, {"x-nashra-engine", r.Engine}, {"x-nashra-model", r.Model},
		{"x-nashra-origin", origin}, {"x-nashra-glossary", r.Glossary}} {
		if p.Value != "" {
			u.Props = append(u.Props, p)
		}
	}
	b, err := xml.Marshal(u)
	if err != nil {
		return fmt.Errorf("write TMX: %w", err)
	}
	_, err = t.w.Write(append(b, '\n'))
	return err
}

// Close ends the document; the writer beneath stays open.
func (t *TMXWriter) Close() error {
	_, err := io.WriteString(t.w, "</body></tmx>\n")
	return err
}

var (
	neutralCode = regexp.MustCompile(`<(/?)(g|x)([0-9]+)(/?)>`)
	tmxCode     = regexp.MustCompile(`<(bpt|ept|ph)\b([^>]*?)(?:/>|>[^<]*</(?:bpt|ept|ph)>)`)
	tmxNumber   = regexp.MustCompile(`\b(?:i|x)="([0-9]+)"`)
	tmxOther    = regexp.MustCompile(`<[^>]*>`)
)

// toTMX writes neutral codes as TMX has them: paired <bpt/>…<ept/>, lone <ph/>.
func toTMX(neutral string) string {
	return neutralCode.ReplaceAllStringFunc(neutral, func(c string) string {
		m := neutralCode.FindStringSubmatch(c)
		switch {
		case m[2] == "x":
			return `<ph x="` + m[3] + `"/>`
		case m[1] == "/":
			return `<ept i="` + m[3] + `"/>`
		}
		return `<bpt i="` + m[3] + `" x="` + m[3] + `"/>`
	})
}

// fromTMX is the reverse. Other inline elements lose their tags.
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
			out.WriteString(map[string]string{"bpt": "<g" + n[1] + ">", "ept": "</g" + n[1] + ">", "ph": "<x" + n[1] + "/>"}[name])
		}
		rest = rest[at[1]:]
	}
	out.WriteString(plainXML(rest))
	return strings.TrimSpace(out.String())
}

// plainXML is the text of a piece of XML, escaped as neutral form has it.
func plainXML(s string) string {
	return segment.Escape(html.UnescapeString(tmxOther.ReplaceAllString(s, "")))
}
