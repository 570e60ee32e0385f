package render

import (
	"testing"

	"github.com/nashra/nashra/feeds/sanitize"
)

func TestVerseAndInlineElementsReadAsTheirLanguage(t *testing.T) {
	for name, c := range map[string]struct {
		in, marked, isolated string // isolated: as the half after the translation shows it
	}{
		"verse": {"<pre>بيت أول\n<b>بيت</b> ثان</pre>",
			"<pre lang=\"ar\" dir=\"rtl\">\u200fبيت أول\n\u200f<b>بيت</b> ثان</pre>",
			"<pre lang=\"ar\" dir=\"rtl\">\u2067بيت أول\u2069\n\u2067<b>بيت</b> ثان\u2069</pre>"},
		"code": {"<p>أ</p><pre>x = 1</pre>", "<p lang=\"ar\" dir=\"rtl\">\u200fأ</p><pre dir=\"ltr\">x = 1</pre>",
			"<p lang=\"ar\" dir=\"rtl\">\u2067أ\u2069</p>"},
		"code with Arabic words": {`<pre>f("نص")</pre>`, `<pre dir="ltr">f(&#34;نص&#34;)</pre>`,
			`<pre dir="ltr">f(&#34;نص&#34;)</pre>`},
		"elements typed on another keyboard": {
			`<p><span lang="en" dir="ltr">سعر <b dir="ltr">الهاتف</b></span> ` +
				`<span lang="en" dir="ltr">(GPT-4)</span></p>`,
			"<p lang=\"ar\" dir=\"rtl\">\u200fسعر <b>الهاتف</b> <span lang=\"en\" dir=\"ltr\">(GPT-4)</span></p>",
			"<p lang=\"ar\" dir=\"rtl\">\u2067سعر <b>الهاتف</b> " +
				"<span lang=\"en\" dir=\"ltr\">(GPT-4)</span>\u2069</p>"},
	} {
		if got := (&Writer{}).decorate(sanitize.Parse(c.in, ""), "ar", marked, true); got != c.marked {
			t.Errorf("%s, alone:\n got %+q\nwant %+q", name, got, c.marked)
		}
		if got := (&Writer{}).decorate(sanitize.Parse(c.in, ""), "ar", isolated, false); got != c.isolated {
			t.Errorf("%s, beside English:\n got %+q\nwant %+q", name, got, c.isolated)
		}
	}
}
