package segment

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// form is how a codec of markup writes codes: elements with the number as their id.
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

// Encode is a neutral text as it is sent to an engine.
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
	if c == XML { // DeepL refuses text without an element around it
		return "<t>" + strings.Map(xmlChar, b.String()) + "</t>"
	}
	return b.String()
}

// xmlChar drops what XML 1.0 has no place for.
func xmlChar(r rune) rune {
	if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
		return -1
	}
	return r
}

// Decode is an engine's answer in neutral form. Tags that are not the codec's become text; attributes other than the id are ignored;
// entities are read once.
func Decode(answer string, c Codec) string {
	if c == Plain {
		return Escape(answer)
	}
	d := decoder{codec: c}
	z := html.NewTokenizer(strings.NewReader(spaced.Replace(answer)))
	for {
		switch z.Next() {
		case html.ErrorToken:
			d.flush()
			return strings.TrimSpace(d.out.String())
		case html.TextToken:
			d.out.WriteString(Escape(z.Token().Data))
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			raw := string(z.Raw()) // before Token, which reads on
			if !d.tag(z.Token()) {
				d.out.WriteString(Escape(raw))
			}
		default:
			d.out.WriteString(Escape(string(z.Raw())))
		}
	}
}

// spaced mends the blanks that engines put inside the brackets of tags.
var spaced = strings.NewReplacer("< g", "<g", "< x", "<x", "< /g", "</g", "</ g", "</g", "< a id", "<a id", "< /a", "</a", "</ a", "</a", "< img id", "<img id")

// decoder collects neutral text; open are the pairs of HTML and XML, whose end tags carry no number.
type decoder struct {
	codec Codec
	out   strings.Builder
	open  []int
}

// tag writes t if it is a code of the codec.
func (d *decoder) tag(t html.Token) bool {
	if d.codec == Tagged {
		return d.tagged(t)
	}
	switch f := d.codec.form(); t.Data {
	case f.pair:
		if t.Type == html.EndTagToken {
			if len(d.open) == 0 {
				return true // an end without a beginning says nothing
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
		case ok && t.Type == html.SelfClosingTagToken: // XML's way to say that it was emptied
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

// tagged reads <g1>, </g1>, <x2/>; <x2></x2> is one void.
func (d *decoder) tagged(t html.Token) bool {
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

// flush closes what the answer left open.
func (d *decoder) flush() {
	for _, id := range slices.Backward(d.open) {
		d.write(code{id: id, pair: true, closing: true})
	}
}

// codes have at most four digits: a paragraph has a few dozen
const maxID = 9999

func number(t html.Token) (int, bool) {
	for _, a := range t.Attr {
		if a.Key == "id" {
			n, err := strconv.Atoi(strings.TrimSpace(a.Val))
			return n, err == nil && n > 0 && n <= maxID
		}
	}
	return 0, false
}

// span is what a neutral text says of one code.
type span struct {
	pair  bool
	empty bool // nothing but blanks between the tags
}

var errCodes = errors.New("codes do not match")

// read is the codes of a neutral text, or an error where one is doubled, unclosed or crossed.
func read(neutral string) (map[int]span, error) {
	spans := map[int]span{}
	type begun struct {
		id   int
		text bool
	}
	var open []begun
	for _, t := range tokens(neutral) {
		switch {
		case t.code == nil:
			if strings.TrimSpace(t.text) != "" {
				for i := range open {
					open[i].text = true
				}
			}
		case t.code.closing:
			if len(open) == 0 || open[len(open)-1].id != t.code.id {
				return nil, fmt.Errorf("%w: </g%d> closes nothing", errCodes, t.code.id)
			}
			top := open[len(open)-1]
			open = open[:len(open)-1]
			spans[top.id] = span{pair: true, empty: !top.text}
		default:
			if _, twice := spans[t.code.id]; twice {
				return nil, fmt.Errorf("%w: %d stands twice", errCodes, t.code.id)
			}
			spans[t.code.id] = span{pair: t.code.pair}
			if t.code.pair {
				open = append(open, begun{id: t.code.id})
			} else {
				for i := range open { // a picture is content too
					open[i].text = true
				}
			}
		}
	}
	if len(open) > 0 {
		return nil, fmt.Errorf("%w: <g%d> is not closed", errCodes, open[0].id)
	}
	return spans, nil
}

// Verify says whether target holds source's codes: each exactly once, of its kind, properly nested, none emptied, none new.
func Verify(source, target string) error {
	if strings.IndexByte(source, '<') < 0 && strings.IndexByte(target, '<') < 0 {
		return nil
	}
	want, err := read(source)
	if err != nil {
		return err
	}
	got, err := read(target)
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

// Repair mends target without asking the engine again: unknown, doubled and orphaned tags go, crossed pairs are closed in order,
// pairs that were emptied go, missing voids are put at the end. It reports false where one of links would be lost. What it returns
// holds source's codes or fewer; emphasis that the engine lost stays lost.
func Repair(source, target string, links []int) (string, bool) {
	want, err := read(source)
	if err != nil {
		return "", false
	}
	kept := prune(nest(known(tokens(target), want)))
	got, err := read(join(kept))
	if err != nil {
		return "", false
	}
	out := join(kept)
	for _, t := range tokens(source) { // in source's order
		if t.code == nil || t.code.closing {
			continue
		}
		if _, ok := got[t.code.id]; ok {
			continue
		}
		if t.code.pair {
			if slices.Contains(links, t.code.id) {
				return "", false
			}
			continue
		}
		out += " " + t.code.neutral()
	}
	return out, true
}

// known drops the codes that want does not have or has as the other kind, and repeated beginnings.
func known(toks []token, want map[int]span) (out []token) {
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

// nest closes crossed pairs in order and drops ends without a beginning.
func nest(toks []token) (out []token) {
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
	closeTo(0)
	return out
}

// prune drops pairs with nothing between.
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
