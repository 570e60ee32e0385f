package segment

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// form is how a codec writes codes: as elements with the number as their id.
type form struct{ pair, void, quote, end string }

var (
	formHTML = form{"a", "img", "", ">"}
	formXML  = form{"g", "x", `"`, "/>"}
)

func (c Codec) form() form {
	if c == XML {
		return formXML
	}
	return formHTML
}

// Encode returns a neutral text in the form that is sent to an engine.
func Encode(neutral string, c Codec) string {
	switch c {
	case Plain:
		return Plaintext(neutral)
	case Tagged:
		return neutral
	}
	var b strings.Builder
	f := c.form()
	for _, t := range tokens(neutral) {
		switch {
		case t.code == nil:
			b.WriteString(t.text)
		case t.code.closing:
			b.WriteString("</" + f.pair + ">")
		case t.code.pair:
			fmt.Fprintf(&b, "<%s id=%s%d%s>", f.pair, f.quote, t.code.id, f.quote)
		default:
			fmt.Fprintf(&b, "<%s id=%s%d%s%s", f.void, f.quote, t.code.id, f.quote, f.end)
		}
	}
	if c == XML { // DeepL wants a root element
		return "<t>" + strings.Map(xmlChar, b.String()) + "</t>"
	}
	return b.String()
}

// xmlChar drops characters that XML 1.0 does not allow.
func xmlChar(r rune) rune {
	if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
		return -1
	}
	return r
}

// Decode returns an engine's answer in neutral form. It turns tags that are not the codec's into
// text, ignores all attributes but the id, and decodes entities once.
func Decode(answer string, c Codec) string {
	if c == Plain {
		return Escape(answer)
	}
	d := decoder{codec: c}
	z := html.NewTokenizer(strings.NewReader(spaced.Replace(answer)))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(d.out.String())
		case html.TextToken:
			d.out.WriteString(Escape(z.Token().Data))
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			raw := string(z.Raw()) // Token invalidates it
			if !d.decodeTag(z.Token()) {
				d.out.WriteString(Escape(raw))
			}
		default:
			d.out.WriteString(Escape(string(z.Raw())))
		}
	}
}

// spaced removes blanks that engines insert into tags.
var spaced = strings.NewReplacer("< g", "<g", "< x", "<x", "< /g", "</g", "</ g", "</g", "< a id", "<a id",
	"< /a", "</a", "</ a", "</a", "< img id", "<img id")

// decoder collects neutral text.
type decoder struct {
	codec Codec
	out   strings.Builder
	open  []int // ids of open pairs of HTML and XML, whose end tags have no id
}

// decodeTag writes t if it is a code of the codec, and reports whether it is.
func (d *decoder) decodeTag(t html.Token) bool {
	if d.codec == Tagged {
		return d.decodeTagged(t)
	}
	switch f := d.codec.form(); t.Data {
	case f.pair:
		if t.Type == html.EndTagToken {
			if len(d.open) == 0 {
				return true // drop an end tag without a start tag
			}
			d.write(code{id: d.open[len(d.open)-1], pair: true, closing: true})
			d.open = d.open[:len(d.open)-1]
			return true
		}
		id, ok := number(t)
		if ok {
			d.write(code{id: id, pair: true})
		}
		switch {
		case ok && t.Type == html.SelfClosingTagToken: // an emptied pair in XML
			d.write(code{id: id, pair: true, closing: true})
		case ok:
			d.open = append(d.open, id)
		}
		return ok
	case f.void:
		id, ok := number(t)
		if ok && t.Type != html.EndTagToken {
			d.write(code{id: id})
		}
		return ok || t.Type == html.EndTagToken
	case "t": // XML's root
		return d.codec == XML
	}
	return false
}

// decodeTagged writes t if it is <g1>, </g1> or <x2/>. <x2></x2> is one code.
func (d *decoder) decodeTagged(t html.Token) bool {
	if len(t.Data) < 2 || t.Data[0] != 'g' && t.Data[0] != 'x' {
		return false
	}
	id, err := strconv.Atoi(t.Data[1:])
	if err != nil || id < 1 || id > maxID || t.Data[1] == '+' {
		return false
	}
	end := t.Type == html.EndTagToken
	if t.Data[0] == 'g' {
		d.write(code{id: id, pair: true, closing: end})
	} else if !end {
		d.write(code{id: id})
	}
	return true
}

func (d *decoder) write(c code) { d.out.WriteString(c.neutral()) }

// maxID is the largest id, of four digits. A paragraph has a few dozen codes.
const maxID = 9999

// number returns the id of t.
func number(t html.Token) (int, bool) {
	for _, a := range t.Attr {
		if a.Key == "id" {
			n, err := strconv.Atoi(strings.TrimSpace(a.Val))
			return n, err == nil && n > 0 && n <= maxID
		}
	}
	return 0, false
}

// span describes one code of a neutral text.
type span struct {
	pair  bool
	empty bool // a pair with nothing but blanks between the tags
}

var errCodes = errors.New("codes do not match")

// spansOf returns the codes of a neutral text, or an error if one is doubled, unclosed or crossed.
func spansOf(neutral string) (map[int]span, error) {
	spans := map[int]span{}
	var open []int
	fill := func() {
		for _, id := range open {
			spans[id] = span{pair: true}
		}
	}
	for _, t := range tokens(neutral) {
		switch c := t.code; {
		case c == nil:
			if strings.TrimSpace(t.text) != "" {
				fill()
			}
		case c.closing:
			if len(open) == 0 || open[len(open)-1] != c.id {
				return nil, fmt.Errorf("%w: </g%d> closes nothing", errCodes, c.id)
			}
			open = open[:len(open)-1]
		default:
			if _, twice := spans[c.id]; twice {
				return nil, fmt.Errorf("%w: %d stands twice", errCodes, c.id)
			}
			spans[c.id] = span{pair: c.pair, empty: c.pair}
			if c.pair {
				open = append(open, c.id)
			} else {
				fill()
			}
		}
	}
	if len(open) > 0 {
		return nil, fmt.Errorf("%w: <g%d> is not closed", errCodes, open[0])
	}
	return spans, nil
}

// Verify returns an error unless target has exactly source's codes, each once, properly nested and
// not emptied.
func Verify(source, target string) error {
	if strings.IndexByte(source, '<') < 0 && strings.IndexByte(target, '<') < 0 {
		return nil
	}
	want, err := spansOf(source)
	if err != nil {
		return err
	}
	got, err := spansOf(target)
	if err != nil {
		return err
	}
	for id, w := range want {
		switch g, ok := got[id]; {
		case !ok:
			return fmt.Errorf("%w: %d is missing", errCodes, id)
		case g.pair != w.pair:
			return fmt.Errorf("%w: %d changed its kind", errCodes, id)
		case g.empty && !w.empty:
			return fmt.Errorf("%w: %d was emptied", errCodes, id)
		}
	}
	for id := range got {
		if _, ok := want[id]; !ok {
			return fmt.Errorf("%w: %d is new", errCodes, id)
		}
	}
	return nil
}

// Repair drops target's unknown, doubled and emptied codes, nests pairs, and appends lost single
// codes. A lost pair stays lost. Repair returns false if a link, a line break or code is lost.
func (s Segment) Repair(source, target string) (string, bool) {
	want, err := spansOf(source)
	if err != nil {
		return "", false
	}
	out := join(prune(nest(keepKnown(tokens(target), want), atEnd(source))))
	got, err := spansOf(out)
	if err != nil {
		return "", false
	}
	for _, t := range tokens(source) {
		if t.code == nil || t.code.closing {
			continue
		}
		id := t.code.id
		switch _, kept := got[id]; {
		case kept:
		case slices.Contains(s.Links, id) || slices.Contains(s.Breaks, id) || s.Words[id] != "":
			return "", false
		case !t.code.pair:
			out += " " + t.code.neutral()
		}
	}
	return out, true
}

// atEnd returns the pairs after which a neutral text has no words.
func atEnd(neutral string) map[int]bool {
	ids := map[int]bool{}
	for _, t := range slices.Backward(tokens(neutral)) {
		switch {
		case t.code == nil && strings.ContainsFunc(t.text, wordRune):
			return ids
		case t.code != nil && t.code.closing:
			ids[t.code.id] = true
		}
	}
	return ids
}

// keepKnown drops codes that want has not or has as the other kind, and repeated start tags.
func keepKnown(toks []token, want map[int]span) (out []token) {
	seen := map[int]bool{}
	for _, t := range toks {
		if c := t.code; c != nil {
			w, ok := want[c.id]
			if !ok || w.pair != c.pair || !c.closing && seen[c.id] {
				continue
			}
			seen[c.id] = seen[c.id] || !c.closing
		}
		out = append(out, t)
	}
	return out
}

// nest closes crossed pairs in order and drops end tags without a start tag. A pair that is not closed
// ends with the text if it is one of last; otherwise nobody knows where, and it is dropped.
func nest(toks []token, last map[int]bool) (out []token) {
	var open []int
	closeTo := func(depth int) {
		for _, id := range slices.Backward(open[depth:]) {
			out = append(out, token{code: &code{id: id, pair: true, closing: true}})
		}
		open = open[:depth]
	}
	for _, t := range toks {
		switch c := t.code; {
		case c == nil || !c.pair:
			out = append(out, t)
		case !c.closing:
			open = append(open, c.id)
			out = append(out, t)
		default:
			if at := slices.Index(open, c.id); at >= 0 {
				closeTo(at)
			}
		}
	}
	endless := map[int]bool{}
	for _, id := range open {
		endless[id] = !last[id]
	}
	closeTo(0)
	return slices.DeleteFunc(out, func(t token) bool { return t.code != nil && t.code.pair && endless[t.code.id] })
}

// prune drops pairs with nothing but blanks between.
func prune(toks []token) []token {
	for i := 0; i+1 < len(toks); i++ {
		a := toks[i].code
		if a == nil || !a.pair || a.closing {
			continue
		}
		j := i + 1
		for j < len(toks) && toks[j].code == nil && strings.TrimSpace(toks[j].text) == "" {
			j++
		}
		if j < len(toks) && toks[j].code != nil && toks[j].code.closing && toks[j].code.id == a.id {
			toks = slices.Concat(toks[:i], toks[i+1:j], toks[j+1:])
			i = -1
		}
	}
	return toks
}
