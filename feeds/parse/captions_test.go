package parse

import (
	"strings"
	"testing"
)

// long is a paragraph that names a brand.
const long = "<p>كشفت شركة Nothing عن سماعة رأس جديدة تأتي بتصميم شفاف وبطارية تدوم أياما عدة</p>"

// plainLong is a paragraph that names none.
const plainLong = "<p>وتأتي السماعة الجديدة بتصميم شفاف وبطارية تدوم أياما عدة وسعر منخفض نسبيا</p>"

func TestCaptionsThatRepeatGo(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"a brand said twice, and again below": {
			"<p>Nothing</p><p>Nothing</p>" + long + "<p>Nothing</p>" + plainLong, long + plainLong},
		"a brand before the text, and again below": {
			"<p>Nothing</p>" + long + plainLong + "<p>nothing</p>" + long, long + plainLong + long},
		"a brand under a picture": {
			plainLong + `<p><img src="/a.jpg"></p><p>Nothing</p>` + long + plainLong,
			plainLong + `<p><img src="https://a.example/a.jpg"/></p>` + long + plainLong},
		"a brand between texts that name it": {
			plainLong + plainLong + plainLong + plainLong + plainLong + long + "<p>Nothing</p>" + long + plainLong +
				plainLong,
			plainLong + plainLong + plainLong + plainLong + plainLong + long + long + plainLong + plainLong},
		"a brand above a picture": {
			plainLong + long + `<p>Nothing</p><p><img src="/a.jpg"></p>` + long + plainLong + plainLong,
			plainLong + long + `<p><img src="https://a.example/a.jpg"/></p>` + long + plainLong + plainLong},
		"an Arabic caption said twice": {
			plainLong + "<p>سماعة رأس جديدة</p><p>سماعة رأس جديدة</p>" + plainLong + "سماعة رأس جديدة<br>" + plainLong,
			plainLong + plainLong + plainLong},
		"an Arabic caption before the text, and again below": {
			"<p>سماعة رأس جديدة</p>" + plainLong + plainLong + "<p>سماعة رأس جديدة</p>" + plainLong,
			plainLong + plainLong + plainLong},
		"a caption of many words": {
			`<figure><img src="/a.jpg"><figcaption>سماعة رأس جديدة من الشركة كما ظهرت في معرض برلين هذا العام` +
				`</figcaption></figure><p>سماعة رأس جديدة من الشركة كما ظهرت في معرض برلين هذا العام</p>` + plainLong,
			`<figure><img src="https://a.example/a.jpg"/><figcaption>سماعة رأس جديدة من الشركة كما ظهرت في معرض ` +
				`برلين هذا العام</figcaption></figure>` + plainLong},
		"a caption in another place": {
			`<p><img src="/a.jpg" alt="شعار الشركة"></p>` + plainLong + plainLong + "<p>شعار الشركة</p>" + plainLong,
			`<p><img src="https://a.example/a.jpg" alt="شعار الشركة"/></p>` + plainLong + plainLong + plainLong},
	} {
		if got, _ := Clean(c.in, "https://a.example/"); strings.ReplaceAll(got, "\n", "") != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

func TestShortParagraphsStay(t *testing.T) {
	picture := `<p><img src="https://a.example/a.jpg"/></p>`
	for name, s := range map[string]string{
		"headings of systems": plainLong + plainLong + plainLong + plainLong + plainLong +
			"<p>Android</p>" + plainLong + "<p>Windows</p>" + plainLong + "<p>Android</p>" + plainLong + plainLong,
		"the heading of a system": plainLong + plainLong + plainLong + plainLong + plainLong + plainLong +
			"<p>Nothing</p>" + long + plainLong + plainLong,
		"a list of brands with pictures": long + "<p>Nothing</p>" + picture + long + "<p>Samsung</p>" + picture +
			plainLong,
		"a bold heading under a picture": plainLong + picture + "<p><strong>Nothing</strong></p>" + long + plainLong,
		"a heading":                      plainLong + picture + "<h3>Nothing</h3>" + long + plainLong,
		"a brand that no text repeats":   plainLong + picture + "<p>Sony</p>" + plainLong + plainLong,
		"questions and answers": plainLong + "<p>هل وصل التحديث؟</p><p>نعم.</p><p>هل هو آمن؟</p><p>نعم.</p>" +
			plainLong,
		"verse":                          "<p>يا ليل يا عين</p><p>يا ليل يا عين</p><p>طال السهر</p>",
		"a bold heading before the text": "<p><b>المميزات</b></p>" + plainLong + "<p><b>المميزات</b></p>" + plainLong,
		"a short paragraph":              plainLong + "<p>وهذا ما حدث فعلا</p>" + plainLong,
		"points of a list":               plainLong + "<ul><li>Nothing</li><li>Nothing</li></ul>" + long,
		"points named as a picture": `<p><img src="https://a.example/a.jpg" alt="Nothing"/></p>` + plainLong +
			"<ul><li>Nothing</li><li>Samsung</li></ul>" + plainLong,
		"merits of two phones": plainLong + "<p>المميزات</p>" + plainLong + "<p>العيوب</p>" + plainLong +
			"<p>المميزات</p>" + plainLong + "<p>العيوب</p>" + plainLong,
	} {
		if got, _ := Clean(s, "https://a.example/"); got != s {
			t.Errorf("%s:\n got %s\nwant %s", name, got, s)
		}
	}
}
