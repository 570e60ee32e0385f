package page

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// headlines are made up; each page has them in elements of another kind.
var headlines = []string{
	"شركة ناشئة تطلق هاتفاً قابلاً للطي", "تحديث جديد لنظام التشغيل يسد ثغرة", "باحثون يبتكرون بطارية من الملح",
	"منصة تعليمية تجمع مليون دولار", "قمر صناعي عربي يصل إلى مداره", "متصفح جديد يحجب الإعلانات كلها",
}

// repeated returns pattern for each headline, with N, T and D for its number, its text and its date.
func repeated(pattern string) string {
	var b strings.Builder
	for i, h := range headlines {
		b.WriteString(strings.NewReplacer("{N}", fmt.Sprint(i), "{T}", h, "{D}", fmt.Sprintf("%d/11/2026", 28-i),
			"{W}", fmt.Sprintf("%d نوفمبر، 2026", 28-i)).Replace(pattern))
	}
	return b.String()
}

func TestProposalsForPlainMarkup(t *testing.T) {
	menu := `<nav><ul><li><a href="/s/1">أخبار الشركات والاقتصاد الرقمي</a>` +
		`<li><a href="/s/2">مراجعات الهواتف والأجهزة اللوحية</a>
		<li><a href="/s/3">دروس البرمجة للمبتدئين والمحترفين</a></ul></nav>`
	foot := strings.NewReplacer("nav>", "footer>", "/s/", "/f/").Replace(menu)
	for name, c := range map[string]struct{ body, date, image, summary string }{
		"a list without classes": {
			menu + `<h1>أخبار</h1><ul>` + repeated(`<li><a href="/n/{N}">{T}</a></li>`) + `</ul>` + foot, "", "", ""},
		"rows below a head": {
			menu + `<table><tr><th><a href="/?by=title">العنوان</a></th><th>التاريخ</th></tr>` +
				repeated(`<tr><td><a href="/n/{N}">{T}</a></td><td>{D}</td></tr>`) + "</table>" + foot,
			"28/11/2026", "", ""},
		"a picture beside the text": {
			menu + `<div class="list">` + repeated(`<div class="row"><div class="pic"><a href="/n/{N}">
			<img src="/i/{N}.jpg"></a></div><div class="txt"><h3><a href="/n/{N}">{T}</a></h3>`+
				`<p>ملخص الخبر الذي يلي عنوانه في الصفحة رقم {N}</p></div></div>`) +
				`<div class="pages"><a href="/?p=2">الصفحة التالية من الأخبار</a></div></div>` + foot,
			"", "/i/0.jpg", "ملخص الخبر الذي يلي عنوانه في الصفحة رقم 0"},
		"a date among other words": {
			menu + repeated(`<article><h2><a href="/n/{N}">{T}</a></h2>`+
				`<div class="meta"><i class="fa fa-clock"></i> {W}
			<a href="/n/{N}#c">3 تعليقات</a></div></article>`) + foot, "28 نوفمبر، 2026", "", ""},
		"paragraphs": {
			menu + `<div id="list">` + repeated(`<p><b>{D}</b> <a href="/n/{N}">{T}</a></p>`) +
				`<p><a href="/archive">الأرشيف</a> <a href="/rules">الشروط</a></p></div>` + foot,
			"28/11/2026", "", ""},
		"an advertisement between items": {
			menu + `<div class="feed">` + repeated(`<div class="box"><h2><a href="/n/{N}">{T}</a></h2></div>`+
				`<div class="box"><span>إعلان</span></div>`) + `</div>` + foot, "", "", ""},
		"links in a definition list": {
			menu + `<dl>` + repeated(`<dt><a href="/n/{N}">{T}</a></dt>`) + `</dl>` + foot, "", "", ""},
	} {
		tree := read(t, "<html><body>"+c.body+"</body></html>")
		if tree.Base, _ = url.Parse("https://a.example/"); len(Propose(tree)) == 0 {
			t.Errorf("%s: no proposal", name)
			continue
		}
		p := Propose(tree)[0]
		t.Logf("%s: %s", name, p)
		if len(p.Items) != len(headlines) {
			t.Errorf("%s: %s finds %d items", name, p, len(p.Items))
			continue
		}
		for i, it := range p.Items {
			if it.Title != headlines[i] || it.Link != fmt.Sprintf("https://a.example/n/%d", i) {
				t.Errorf("%s: %s finds %+v", name, p, it)
			}
		}
		first := p.Items[0]
		date := ""
		for _, line := range first.Dates {
			for d := range DatesIn(line) {
				if date == "" && Readable(d) {
					date = d
				}
			}
		}
		if date != c.date || strings.TrimPrefix(first.Image, "https://a.example") != c.image ||
			first.Summary != c.summary {
			t.Errorf("%s: %s finds %+v", name, p, first)
		}
	}
}

// What is no list of headlines is none.
func TestNoProposalsWithoutAList(t *testing.T) {
	for name, body := range map[string]string{
		"nothing":         "",
		"a menu of terms": `<ul>` + strings.Repeat(`<li><a href="/x">عن الموقع</a></li>`, 10) + `</ul>`,
		"one article":     `<article><h1>عنوان الخبر الوحيد في هذه الصفحة</h1><p>نص</p></article>`,
		"the same link":   strings.Repeat(`<p><a href="/n/1">عنوان يتكرر في الصفحة كلها</a></p>`, 9),
		"no addresses":    repeated(`<p><a href="javascript:open({N})">{T}</a></p>`),
	} {
		tree := read(t, "<html><body>"+body+"</body></html>")
		tree.Base, _ = url.Parse("https://a.example/")
		if got := Propose(tree); got != nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}
