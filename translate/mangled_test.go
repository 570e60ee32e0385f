package translate_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/arabic"
)

func TestMangledAnswers(t *testing.T) { mangledAnswers(t, 5000) }

func TestMangledAnswersLong(t *testing.T) {
	if os.Getenv("NASHRA_TEST_LONG") == "" {
		t.Skip("takes long: set NASHRA_TEST_LONG=1 to run it")
	}
	mangledAnswers(t, 100_000)
}

// mangledAnswers checks what is shown if an engine mangles most answers: nothing that the source
// lacks, every link and picture in its place, and the original where names or numbers differ.
func mangledAnswers(t *testing.T, most int) {
	t.Helper()
	r := rand.New(rand.NewPCG(20, 26))
	st := open(t)
	answers, translated, left := 0, 0, 0
	for round := 0; answers < most; round++ {
		mangler := paid("mt", func(_ int, q translate.Request) (translate.Response, error) {
			answers += len(q.Segments)
			return translate.Response{Texts: mangle(r, q.Segments)}, nil
		})
		mangler.limits.Segments, mangler.limits.Size = 100, 20_000
		if round%2 == 1 {
			mangler.limits.Codec = translate.Tagged
		}
		var in []translate.Passage
		for i := range 250 {
			id := round*1000 + i
			in = append(in, translate.Passage{Article: fmt.Sprint(id), Role: translate.Body, Text: mangledArticle(id)},
				translate.Passage{Article: fmt.Sprint(id), Role: translate.Title,
					Text: fmt.Sprintf("شركة Zz%dt تكشف هاتفا بسعر %d دولارا", id, 100_000+id)})
		}
		out, _, err := translate.New(st,
			translate.Options{Titles: []translate.Engine{mangler}}).Translate(t.Context(), arEn, in)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range out {
			if p.Role == translate.Title {
				p.Text, in[i].Text = "<p>"+html.EscapeString(p.Text)+"</p>", "<p>"+html.EscapeString(in[i].Text)+"</p>"
			}
			judge(t, in[i].Text, sanitize.HTML(p.Text, ""))
			translated, left = translated+p.Segments-p.Missing, left+p.Missing
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d answers: %d segments were shown translated, %d left in the original", answers, translated, left)
	if translated == 0 || left == 0 {
		t.Error("an engine that mangles some of its answers must have some taken and some not")
	}
}

// mangledArticle holds every construct. Each of its segments has its own number and name.
func mangledArticle(id int) string {
	tell := func(n int) string { return fmt.Sprintf("طراز Zz%ds%d بسعر %d", id, n, 1_000_000+id*10+n) }
	link := func(n int) string { return fmt.Sprintf("https://shop.example/%d/%d", id, n) }
	return fmt.Sprintf(
		`<h2>كشفت الشركة %s</h2><p>قال <a href="%s">المدير</a> إن <strong>%s</strong> متاح الآن &amp; غدا.</p>`+
			`<ul><li>أول <em>%s</em></li><li>ثم <code>x &lt; y</code> في %s</li></ul><figure><img src="%s" alt="صورة `+
			`%s"><figcaption>تعليق على %s</figcaption></figure>`+
			`<p>تابع @zz%ds9 على https://text.example/%d/ الآن</p>`,
		tell(1), link(1), tell(2), tell(3), tell(4), link(2), tell(5), tell(6), id, id)
}

// mangle answers segments like an engine that now and then goes wrong in every way.
func mangle(r *rand.Rand, segments []string) []string {
	out := make([]string, len(segments))
	for i, s := range segments {
		out[i] = latin(s)
		for range r.IntN(3) {
			out[i] = mutate(r, out[i])
		}
	}
	switch r.IntN(6) {
	case 0: // swap two segments
		i, j := r.IntN(len(out)), r.IntN(len(out))
		out[i], out[j] = out[j], out[i]
	case 1: // rotate the segments
		out = append(out[1:], out[0])
	case 2: // double one, lose another
		i, j := r.IntN(len(out)), r.IntN(len(out))
		out[i] = out[j]
	case 3:
		if r.IntN(20) == 0 {
			return out[:r.IntN(len(out))]
		}
	}
	return out
}

var poison = []string{`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`,
	`<a href="javascript:alert(1)">x</a>`, `<a id=1 href="https://evil.example/">`,
	`<g1 onclick=x>`, `</g1>`, `</a>`, `<x1/>`, `<g99>`, `<img id=2 src="https://evil.example/p.png">`,
	`https://evil.example/login`, `<iframe src=//evil.example>`,
	"\u202e", "\u2067", "\x00", "&lt;script&gt;alert(1)&lt;/script&gt;", `<style>*{display:none}</style>`,
	`<!-- x -->`, `]]>`, `<a id="1" style="direction:ltr">`,
	`<svg/onload=alert(1)>`, `" onmouseover="alert(1)`, `<g1>`, `<a id=3>`, `<base href=//evil.example>`,
	`evil.example.com`}

func mutate(r *rand.Rand, s string) string {
	words := strings.Fields(s)
	if len(words) == 0 {
		return s
	}
	i, j := r.IntN(len(words)), r.IntN(len(words))
	switch r.IntN(9) {
	case 0:
		words[i], words[j] = words[j], words[i]
	case 1:
		words = slices.Delete(words, i, i+1)
	case 2:
		words = slices.Insert(words, j, words[i])
	case 3, 4:
		words = slices.Insert(words, i, poison[r.IntN(len(poison))])
	case 5: // lose a tag
		tags := anyTag.FindAllStringIndex(s, -1)
		if len(tags) > 0 {
			at := tags[r.IntN(len(tags))]
			return s[:at[0]] + s[at[1]:]
		}
	case 6: // replace a tag by another
		return anyTag.ReplaceAllStringFunc(s, func(tag string) string {
			if r.IntN(3) == 0 {
				return poison[r.IntN(len(poison))]
			}
			return tag
		})
	case 7:
		return s[:r.IntN(len(s)+1)]
	case 8:
		return html.EscapeString(s)
	}
	return strings.Join(words, " ")
}

var (
	anyTag  = regexp.MustCompile(`<[^>]*>`)
	tagLike = regexp.MustCompile(`</?[!a-zA-Z]`)
	tells   = regexp.MustCompile(`(?i)@?zz[0-9]+[st][0-9]*|[0-9]{6,}|https?://[a-z0-9./]+`)
)

// judge compares the published HTML with its source.
func judge(t *testing.T, source, got string) {
	t.Helper()
	want, have := outline(source), outline(got)
	fail := func(what string) {
		t.Helper()
		t.Errorf("%s:\nsource %s\nshown  %s", what, source, got)
	}
	if !slices.Equal(have.addresses, want.addresses) {
		fail(fmt.Sprintf("addresses are %v", have.addresses))
	}
	for tag := range have.tags {
		if !want.tags[tag] && tag != "span" && tag != "em" { // these mark what stays in the original
			fail("a foreign element " + tag)
		}
	}
	for key := range have.attributes {
		if !want.attributes[key] && key != "lang" && key != "dir" {
			fail("a foreign attribute " + key)
		}
	}
	if strings.Contains(strings.ToLower(strings.Join(have.texts, " ")), "evil.example") {
		fail("a foreign address in the text")
	}
	if len(have.texts) != len(want.texts) {
		fail(fmt.Sprintf("%d blocks of text, the source has %d", len(have.texts), len(want.texts)))
		return
	}
	for i := range want.texts {
		original := arabic.Has(have.texts[i])
		if a, b := found(want.texts[i]), found(have.texts[i]); !slices.Equal(a, b) {
			fail(fmt.Sprintf("block %d tells %v, its source %v", i, b, a))
		}
		if !original && arabic.StripBidi(have.texts[i]) != have.texts[i] {
			fail("a direction control")
		}
		if tagLike.MatchString(have.texts[i]) {
			fail("markup as text")
		}
	}
}

// found returns the distinct numbers and names in s that identify it.
func found(s string) []string {
	list := tells.FindAllString(strings.ToLower(s), -1)
	slices.Sort(list)
	return slices.Compact(list)
}

// shape is the part of a document that must not change.
type shape struct {
	addresses        []string // sorted
	tags, attributes map[string]bool
	texts            []string // of blocks and of alt attributes, in order
}

func outline(source string) (o shape) {
	o.tags, o.attributes = map[string]bool{}, map[string]bool{}
	root := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(source), root)
	if err != nil {
		panic(err)
	}
	for _, n := range nodes {
		root.AppendChild(n)
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		o.tags[n.Data] = true
		for _, a := range n.Attr {
			o.attributes[a.Key] = true
			if u, err := url.Parse(a.Val); err == nil && (a.Key == "href" || a.Key == "src") {
				o.addresses = append(o.addresses, u.String())
			}
			if a.Key == "alt" {
				o.texts = append(o.texts, a.Val)
			}
		}
		switch n.Data {
		case "p", "h2", "li", "figcaption":
			var b strings.Builder
			for c := range n.Descendants() {
				if c.Type == html.TextNode {
					b.WriteString(c.Data)
				}
			}
			o.texts = append(o.texts, b.String())
		}
	}
	slices.Sort(o.addresses)
	return o
}
