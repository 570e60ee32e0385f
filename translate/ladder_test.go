package translate_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/nashra/nashra/translate"
)

// An engine that spoils markup is asked with less of it, and what it gave is put back in its place.
func TestSpoiltMarkupIsAskedForWithLess(t *testing.T) {
	const list = "<p>المكونات شاشة كبيرة<br>بطارية جديدة<br>كاميرا <b>ليلية</b></p>"
	const key = "<p>اضغط <code>Enter</code> للمتابعة الآن</p>"
	lines := map[string]string{"المكونات شاشة كبيرة": "Parts: a large screen", "بطارية جديدة": "a new battery",
		"كاميرا ليلية": "a night camera"}
	for name, c := range map[string]struct {
		html    string
		codec   translate.Codec
		answers map[string]string
		want    string
	}{
		"breaks moved to the end": {list, translate.XML, with(lines,
			`<t>المكونات شاشة كبيرة<x id="1"/>بطارية جديدة<x id="2"/>كاميرا <g id="3">ليلية</g></t>`,
			`<t>Parts: a large screen, a new battery, a <g id="3">night</g> camera<x id="1"/><x id="2"/></t>`),
			"<p>Parts: a large screen<br>a new battery<br>a night camera</p>"},
		"breaks lost": {list, translate.Tagged, with(lines,
			"المكونات شاشة كبيرة<x1/>بطارية جديدة<x2/>كاميرا <g3>ليلية</g3>",
			"Parts: a large screen\na new battery\na night camera"),
			"<p>Parts: a large screen<br>a new battery<br>a night camera</p>"},
		"breaks of lines with links": {`<p>شاشة كبيرة<br><a href="https://a.example/">بطارية</a> جديدة</p>`,
			translate.HTML,
			map[string]string{
				"شاشة كبيرة<img id=1><a id=2>بطارية</a> جديدة": "A large screen, a new <a id=2>battery</a><img id=1>",
				"شاشة كبيرة": "A large screen", "<a id=2>بطارية</a> جديدة": "A new <a id=2>battery</a>"},
			`<p>A large screen<br>A new <a href="https://a.example/">battery</a></p>`},
		"code moved to the front": {key, translate.XML, map[string]string{
			`<t>اضغط <x id="1"/> للمتابعة الآن</t>`: `<t><x id="1"/>Press to continue now</t>`,
			"اضغط Enter للمتابعة الآن":              "Press Enter to continue now"},
			"<p>Press <code>Enter</code> to continue now</p>"},
		"tags in words": {key, translate.HTML, map[string]string{
			"اضغط <img id=1> للمتابعة الآن": "Press img id 1 to continue now",
			"اضغط Enter للمتابعة الآن":      "Press Enter to continue now"},
			"<p>Press <code>Enter</code> to continue now</p>"},
		"a link without an end": {`<p>اقرأ <a href="https://a.example/">التقرير</a> الجديد كله</p>`, translate.HTML,
			map[string]string{
				"اقرأ <a id=1>التقرير</a> الجديد كله": "Read all of the new <a id=1>report today",
				"اقرأ التقرير الجديد كله":             "Read all of the new report"},
			`<p>Read all of the new report (Links: <a href="https://a.example/">a.example</a>)</p>`},
		"blanks lost": {`<p>اقرأ <a href="https://a.example/">التقرير</a> الجديد كله</p>`, translate.HTML,
			map[string]string{"اقرأ <a id=1>التقرير</a> الجديد كله": "Read all of the new<a id=1>report</a>today"},
			`<p>Read all of the new <a href="https://a.example/">report</a> today</p>`},
	} {
		e := paid("spoils", func(_ int, r translate.Request) (res translate.Response, err error) {
			for _, s := range r.Segments {
				res.Texts = append(res.Texts, c.answers[s])
			}
			return res, nil
		})
		e.limits.Codec = c.codec
		in := body(c.html)
		tr := translator(t, translate.Options{Titles: []translate.Engine{e}})
		got, rep := one(t, tr, in)
		if got.Missing != 0 || got.Text != c.want {
			t.Errorf("%s: %s, want %s\n%v\nsent %v", name, got.Text, c.want, rep.Failures, e.calls)
		}
		calls := len(e.calls)
		if again, _ := one(t, tr, in); again.Text != c.want || len(e.calls) != calls {
			t.Errorf("%s: the second pass made %d calls: %s", name, len(e.calls)-calls, again.Text)
		}
	}
}

// with returns m and one more pair.
func with(m map[string]string, key, value string) map[string]string {
	m = maps.Clone(m)
	m[key] = value
	return m
}

// Marks of direction and other invisible characters around English stay out of it.
func TestEnglishHasNoMarksOfDirection(t *testing.T) {
	e := paid("marks", func(_ int, r translate.Request) (res translate.Response, err error) {
		for _, s := range r.Segments {
			res.Texts = append(res.Texts, "\ufeff\u200f"+latin(s)+"\u061c")
		}
		return res, nil
	})
	in := slices.Concat(body("<p>أعلنت الشركة خبرا جديدا</p>"),
		[]translate.Passage{{Article: "a", Role: translate.Title, Text: "\u200fأعلنت الشركة خبرا آخر"}})
	out, _, err := translator(t, translate.Options{Titles: []translate.Engine{e}}).Translate(t.Context(), arEn, in)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range out {
		if p.Missing != 0 || strings.ContainsAny(p.Text, "\ufeff\u200f\u061c") {
			t.Errorf("%d missing: %+q", p.Missing, p.Text)
		}
	}
}
