package parse

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nashra/nashra/feeds"
)

// oneItem matches an item of XML without items within.
var oneItem = regexp.MustCompile(`(?s)<(item|entry)[ >].*?</(item|entry)>`)

// neighbourhoods returns a document, and the same without some of its items.
func neighbourhoods(doc feeds.Document) []feeds.Document {
	out := []feeds.Document{doc}
	found := oneItem.FindAllIndex(doc.Body, -1)
	for _, keep := range []func(i int) bool{
		func(i int) bool { return i > 0 },
		func(i int) bool { return i%2 == 0 },
		func(i int) bool { return i < 2 },
		func(i int) bool { return i == len(found)-1 },
	} {
		less, from := doc, 0
		less.Body = nil
		for i, at := range found {
			if !keep(i) {
				less.Body, from = append(less.Body, doc.Body[from:at[0]]...), at[1]
			}
		}
		less.Body = append(less.Body, doc.Body[from:]...)
		out = append(out, less)
	}
	return out
}

// hardToTell are channels whose items need their texts before they are read.
var hardToTell = []string{
	// one key and title, and no date: the text is part of the key
	"<item><guid>1</guid><title>ا</title><description>أول نص طويل من النشرة التي تأتي كل يوم</description></item>" +
		"<item><guid>1</guid><title>ا</title><description>ثاني نص طويل من النشرة التي تأتي كل يوم</description></item>",
	// no key at all
	"<item><title>ا</title><description>أول نص طويل من النشرة التي تأتي كل يوم</description></item>" +
		"<item><title>ا</title><description>ثاني نص طويل من النشرة التي تأتي كل يوم</description></item>",
	// Arabic texts put the day first in spite of the language
	"<language>en-US</language><item><title>A</title><guid>1</guid><pubDate>01/02/2026 10:00</pubDate>" +
		"<description>نص طويل من هذه النشرة التي تأتي كل يوم في الصباح</description></item>",
}

// What is made of a known item later is what is made of an item that is not known, whichever items
// stand beside it: every document is read with all that each of its neighbourhoods makes known.
func TestKnownItemsAreTheSame(t *testing.T) {
	examples := slices.Concat(ownExamples(t), gofeedExamples(t), feedparserExamples(t))
	for _, path := range fixtures(t) {
		src, doc := sample(t, path)
		examples = append(examples, example{name: path, src: src, doc: doc})
	}
	for _, inside := range hardToTell {
		examples = append(examples, example{name: inside, src: feeds.Source{ID: "s"}, doc: feeds.Document{
			Base: "https://s.example/", At: at, Body: []byte("<rss><channel>" + inside + "</channel></rss>")}})
	}
	all, late := 0, 0
	for _, e := range examples {
		docs, wants, known := neighbourhoods(e.doc), []feeds.Feed(nil), feeds.Known{}
		for _, doc := range docs {
			want, _ := Feed(e.src, doc)
			e.src.Shared = want.Shared
			wants = append(wants, want)
			for _, it := range want.Items {
				known[it.Raw] = feeds.Short{}
			}
		}
		delete(known, feeds.Short{})
		e.src.Known, e.src.Shared = known, ""
		for i, doc := range docs {
			got, _ := Feed(e.src, doc)
			e.src.Shared = got.Shared
			for i := range got.Items {
				if it := &got.Items[i]; it.Rest != nil {
					late++
					it.Complete()
				}
			}
			if all += len(got.Items); !reflect.DeepEqual(got, wants[i]) {
				t.Errorf("%s: got\n%+v\nwant\n%+v", e.name, got, wants[i])
			}
		}
	}
	if t.Logf("%d of %d items were made late", late, all); late < all/5 {
		t.Errorf("%d of %d items were made late", late, all)
	}
}

func TestRaw(t *testing.T) {
	const feed = `<rss xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><link>https://a.example/</link>` +
		`<language>ar</language><copyright>c</copyright><lastBuildDate>1</lastBuildDate>` +
		`<item><title>أول</title><description>نص الخبر الأول وهو أطول من ثماني كلمات بلا أي شك</description></item>` +
		`<item><title>خبر</title><dc:creator>ا</dc:creator><guid>1</guid>` +
		`<description>نص الخبر هنا وهو أطول من ثماني كلمات كما ترى يا صديقي</description></item></channel></rss>`
	const atom = `<feed xmlns="http://www.w3.org/2005/Atom"><author><name>ا</name></author><entry><id>1</id>` +
		`<title>خبر</title><content>نص الخبر هنا وهو أطول من ثماني كلمات كما ترى يا صديقي</content></entry></feed>`
	const list = `{"version":"https://jsonfeed.org/version/1","title":"S","items":[{"id":"0","title":"أول"},` +
		`{"id":"1","title":"خبر","content_text":"نص الخبر هنا وهو أطول من ثماني كلمات كما ترى يا صديقي"}]}`
	last := func(src feeds.Source, body string) feeds.Item {
		f, err := Feed(src, feeds.Document{Base: "https://feeds.example/", Body: []byte(body), At: at})
		if err != nil {
			t.Fatal(err)
		}
		return f.Items[len(f.Items)-1]
	}
	for _, c := range []struct {
		feed, old, new string
		same           bool
	}{
		{feed, "Date>1<", "Date>2<", true},
		{feed, "أول", "آخر", true},
		{feed, "<item><title>أول", "<item><title>أحدث</title></item><item><title>أول", true},
		{feed, "خبر<", "نبأ<", false},
		{feed, "ترى", "نرى", false},
		{feed, "<guid>", "<guid isPermaLink='false'>", false},
		{feed, "https://a.example/", "https://b.example/", false},
		{feed, ">ar<", ">en<", false},
		{feed, ">c<", ">d<", false},
		{feed, "elements/1.1/", "elements/1.0/", false},
		{feed, "<channel>", "<channel xml:base='https://c.example/'>", false},
		{atom, "<name>ا", "<name>ب", false},
		{atom, "<content>", "<content type='html'>", false},
		{list, "أول", "آخر", true},
		{list, "ترى", "نرى", false},
	} {
		was, is := last(feeds.Source{}, c.feed), last(feeds.Source{}, strings.Replace(c.feed, c.old, c.new, 1))
		if is.Raw == (feeds.Short{}) || (was.Raw == is.Raw) != c.same {
			t.Errorf("%s for %s: %x, %x", c.new, c.old, was.Raw, is.Raw)
		}
	}
	if was, is := last(feeds.Source{}, feed), last(feeds.Source{Lang: "ar"}, feed); was.Raw == is.Raw {
		t.Error("the source's language does not count")
	}
	for _, c := range []struct{ old, new string }{ // what neighbours decide
		{"ترى يا صديقي", "ترى<br>شارك معنا"},
		{"<title>خبر</title>", ""},
	} {
		if it := last(feeds.Source{}, strings.Replace(feed, c.old, c.new, 1)); it.Raw != (feeds.Short{}) {
			t.Errorf("%s for %s: %x", c.new, c.old, it.Raw)
		}
	}
}
