package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"hash/crc32"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/enginetest"
	"github.com/nashra/nashra/translate/enginetest/english"
)

// attack is hostile markup or a hostile address that a source sends.
type attack struct{ family, text string }

// attacks reads a list in testdata/attack.
func attacks(t testing.TB, file string) (out []attack) {
	t.Helper()
	list, err := os.ReadFile(filepath.Join("testdata", "attack", file))
	if err != nil {
		t.Fatal(err)
	}
	family := file
	for line := range strings.Lines(string(list)) {
		line = strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(line, "## "); ok {
			family = name
		}
		if line == "" || line[0] == '#' && !strings.HasPrefix(line, "#{") {
			continue
		}
		out = append(out, attack{family, escapes.ReplaceAllStringFunc(line, func(s string) string {
			if s == `\0` {
				return "\x00"
			}
			c, _, _, err := strconv.UnquoteChar(s, 0)
			if err != nil {
				t.Fatalf("%s: %s: %v", file, s, err)
			}
			return string(c)
		})})
	}
	if len(out) < 25 {
		t.Fatalf("%s: %d attacks", file, len(out))
	}
	return out
}

var escapes = regexp.MustCompile(`\\(\\|0|n|t|r|f|x[0-9a-f]{2}|u[0-9a-f]{4})`)

// press publishes each attack in an item of each feed format, between words that no other item has.
type press struct {
	forms map[string]*strings.Builder // by path
	items int
	posts int      // of them, in channels of Telegram
	marks []string // one in the text of each item, before the attack
}

// hostileTitle is the title of a hostile source.
const hostileTitle = "نشرة </title><script>alert(1)</script> \u202e ]]> \" onclick=\"x"

// newPress publishes every so many of the attacks.
func newPress(t testing.TB, every int) *press {
	p := &press{forms: map[string]*strings.Builder{}}
	head := map[string]string{
		"/cdata.xml": `<?xml version="1.0"?><rss version="2.0"><channel><title><![CDATA[` + split(hostileTitle) +
			`]]></title><link>javascript:alert(1)</link>`,
		"/escaped.xml": `<?xml version="1.0"?><rss version="2.0" ` +
			`xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" ` +
			`xmlns:media="http://search.yahoo.com/mrss/" ` +
			`xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>` +
			html.EscapeString(hostileTitle) + `</title><link>data:text/html,x</link>` +
			`<image><url>javascript:alert(1)</url></image>`,
		"/atom.xml": `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title type="html">` +
			html.EscapeString(hostileTitle) + `</title><link ` +
			`href="javascript:alert(1)"/><logo>javascript:alert(1)</logo><id>x</id>`,
		"/xhtml.xml": `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>نشرة</title><id>y</id>`,
		"/feed.json": `{"version":"https://jsonfeed.org/version/1.1","title":` + quoted(hostileTitle) +
			`,"home_page_url":"javascript:alert(1)","icon":"javascript:alert(1)","items":[`,
		"/nashra.json": `{"version":"https://jsonfeed.org/version/1.1","title":` + quoted(hostileTitle) +
			`,"items":[{"id":"none","_nashra":{"sources":[{"url":"javascript:alert(1)"}]}}`, // no item
	}
	for path, text := range head {
		p.forms[path] = &strings.Builder{}
		p.forms[path].WriteString(text)
	}
	for i, a := range attacks(t, "markup.txt") {
		if i%every == 0 {
			p.markup(a.text)
		}
	}
	for i, a := range attacks(t, "addresses.txt") {
		if i%every == 0 {
			p.address(a.text)
		}
	}
	for path, text := range map[string]string{"/cdata.xml": "</channel></rss>", "/escaped.xml": "</channel></rss>",
		"/atom.xml": "</feed>", "/xhtml.xml": "</feed>", "/feed.json": "]}", "/nashra.json": "]}"} {
		p.forms[path].WriteString(text)
	}
	for path, form := range p.forms {
		if strings.HasSuffix(path, ".html") {
			form.WriteString("</section></body></html>")
		}
	}
	return p
}

// bulletin adds an item to the feed of another nashra, which is trusted: its texts and addresses are hostile.
func (p *press) bulletin(text, address string) {
	n, title, body := p.next(text)
	other := func(s string) string { return english.Translate(s, true) }
	said, err := json.Marshal(map[string]any{"id": fmt.Sprint("n", n), "url": address, "title": text,
		"content_html": text, "_nashra": map[string]any{"original": "ar", "story": text, "outlets": []string{text},
			"texts": map[string]any{"ar": map[string]string{"title": title, "content_html": body},
				"en": map[string]string{"title": other(title) + text, "content_html": other(body) + text}, text: 1},
			"sources": []map[string]any{{"id": "n", "url": fmt.Sprint("https://n.example/", n), "kind": "lead"},
				{"id": text, "title": text, "title_ar": text, "url": address, "item_title": text, "kind": text}},
			"translation": map[string]any{"engine": text, "model": text, "state": text, "at": text}}})
	if err != nil {
		panic(err) // text can always be encoded
	}
	fmt.Fprintf(p.forms["/nashra.json"], ",\n%s", said)
}

// post adds a post to the page of a Telegram channel, on which texts are escaped.
func (p *press) post(n int, title, body, address string) {
	const onePage = 50 // posts; one page may have twice as many
	path := fmt.Sprintf("/channel%d.html", p.posts/onePage)
	if p.posts++; p.forms[path] == nil {
		p.forms[path] = &strings.Builder{}
		p.forms[path].WriteString(`<!DOCTYPE html><html><body><div class="tgme_channel_info_header_title">` +
			html.EscapeString(hostileTitle) + `</div><section class="tgme_channel_history">`)
	}
	esc := html.EscapeString
	fmt.Fprintf(p.forms[path], `<div class="tgme_widget_message" data-post="channel/%d"><a class="`+
		`tgme_widget_message_photo_wrap" style="background-image:url('%s')"></a><span class="`+
		`tgme_widget_message_from_author">%[3]s</span><div class="tgme_widget_message_text">%[4]s<br>%[5]s`+
		`<a href="%[2]s" onclick="x()">x</a> <a href="?q=%%23%[2]s">#%[3]s</a></div></div>`+"\n",
		n, esc(address), esc(address), esc(title), esc(body))
}

func (p *press) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	form := p.forms[r.URL.Path]
	if form == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", map[string]string{".json": "application/feed+json", ".xml": "application/xml",
		".html": "text/html"}[filepath.Ext(r.URL.Path)])
	_, _ = io.WriteString(w, form.String())
}

// next returns the number, the title and the text of a new item.
func (p *press) next(attack string) (n int, title, body string) {
	n = p.items
	p.items++
	state := uint64(n + 1)
	word := func() string {
		var b strings.Builder
		for range 7 {
			state = state*6364136223846793005 + 1442695040888963407
			b.WriteRune(rune('ب' + state>>60))
		}
		return b.String()
	}
	var words []string
	for range 24 {
		words = append(words, word())
	}
	p.marks = append(p.marks, words[23])
	return n, strings.Join(words[:6], " ") + " " + attack, "<p>" + strings.Join(words[6:], " ") + "</p>" + attack +
		"<p>" + word() + "</p>"
}

func split(s string) string { return strings.ReplaceAll(s, "]]>", "]]]]><![CDATA[>") }

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// markup publishes text wherever an item may have text.
func (p *press) markup(text string) {
	n, title, body := p.next(text)
	fmt.Fprintf(p.forms["/cdata.xml"], "<item><title><![CDATA[%s]]></title><link>https://a.example/%d</link><guid "+
		"isPermaLink=\"false\"><![CDATA[%s%d]]></guid><description><![CDATA[%s]]></description>"+
		"<category><![CDATA[%s]]></category></item>\n",
		split(title), n, split(text), n, split(body), split(text))
	n, title, body = p.next(text)
	esc := html.EscapeString
	fmt.Fprintf(p.forms["/escaped.xml"], "<item><title>%s</title><link>https://b.example/%d</link><guid>%d</guid>"+
		"<content:encoded>%s</content:encoded><dc:creator>%s</dc:creator>"+
		"<dc:rights>%s</dc:rights><category>%s</category></item>\n",
		esc(title), n, n, esc(body), esc(text), esc(text), esc(text))
	n, title, body = p.next(text)
	fmt.Fprintf(p.forms["/atom.xml"], "<entry><title type=\"html\">%s</title><link "+
		"href=\"https://c.example/%d\"/><id>urn:c:%d</id><content "+
		"type=\"html\">%s</content><author><name>%s</name></author><rights>%s</rights><category "+
		"term=\"%s\"/></entry>\n",
		esc(title), n, n, esc(body), esc(text), esc(text), esc(text))
	p.bulletin(text, text)
	n, title, body = p.next(text)
	form := p.forms["/feed.json"]
	if !strings.HasSuffix(form.String(), "[") {
		form.WriteString(",\n")
	}
	fmt.Fprintf(form, `{"id":"d%d","url":"https://d.example/%d","title":%s,"content_html":%s,`+
		`"authors":[{"name":%s}],"tags":[%s]}`, n, n, quoted(title), quoted(body), quoted(text), quoted(text))
	n, title, body = p.next(text)
	p.post(n, title, body, text)
	if xml.Unmarshal([]byte("<x>"+text+"</x>"), new(struct{})) != nil {
		return
	}
	n, title, body = p.next(text)
	fmt.Fprintf(p.forms["/xhtml.xml"], "<entry><title type=\"xhtml\"><div "+
		"xmlns=\"http://www.w3.org/1999/xhtml\">%s</div></title><link "+
		"href=\"https://e.example/%d\"/><id>urn:e:%d</id><content type=\"xhtml\"><div "+
		"xmlns=\"http://www.w3.org/1999/xhtml\">%s</div></content></entry>\n",
		title, n, n, body)
}

// address publishes text wherever an item may have an address.
func (p *press) address(text string) {
	p.bulletin("", text)
	esc := html.EscapeString
	n, title, body := p.next("")
	fmt.Fprintf(p.forms["/escaped.xml"], `<item><title>%[1]s</title><link>%[2]s</link><guid `+
		`isPermaLink="true">%[2]s#%[3]d</guid><comments>%[2]s</comments><source url="%[2]s">x</source><enclosure `+
		`url="%[2]s" type="audio/mpeg" length="-1"/>`+
		`<media:content url="%[2]s" medium="image"/><media:thumbnail url="%[2]s"/><itunes:image `+
		`href="%[2]s"/><content:encoded>%[4]s</content:encoded></item>`+"\n", title, esc(text), n, esc(body))
	n, title, body = p.next("")
	fmt.Fprintf(p.forms["/atom.xml"], `<entry xml:base="%[2]s"><title>%[1]s</title><link href="%[2]s"/><link `+
		`rel="enclosure" href="%[2]s" type="&quot;&gt;&lt;script&gt;"/><link rel="via" href="%[2]s"/><id>%[2]s `+
		`%[3]d</id><author><name>x</name><uri>%[2]s</uri></author>`+
		`<content type="html">%[4]s&lt;img src="x"&gt;&lt;a href="y"&gt;z&lt;/a&gt;</content></entry>`+"\n", title,
		esc(text), n, esc(body))
	n, title, body = p.next("")
	p.post(n, title, body, text)
	n, title, body = p.next("")
	q := quoted(text)
	fmt.Fprintf(p.forms["/feed.json"], `,`+"\n"+`{"id":"a%d","url":%s,"external_url":%s,"image":%s,`+
		`"banner_image":%s,"title":%s,"content_html":%s,`+
		`"authors":[{"name":"x","url":%s,"avatar":%s}],"attachments":[{"url":%s,"mime_type":"\"><script>"}]}`,
		n, q, q, q, q, quoted(title), quoted(body), q, q, q)
}

// verdict is the output of judge.py.
type verdict struct {
	Files, Fragments int
	Findings         []struct{ File, What, Text string }
	Entries          map[string]int
}

// examples is how many findings of a kind are printed.
const examples = 5

// judged has html5lib check all files in the folders; findings are failures.
func judged(t *testing.T, folders ...string) (v verdict) {
	t.Helper()
	python := "/usr/bin/python3" // the Debian packages are installed for this one
	if err := exec.Command(python, "-c", "import html5lib").Run(); err != nil {
		python = need(t, "python3-html5lib", "python3-html5lib")
	}
	cmd := exec.CommandContext(t.Context(), python,
		append([]string{filepath.Join("testdata", "attack", "judge.py")}, folders...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &v); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, f := range v.Findings {
		if kinds[f.What]++; kinds[f.What] <= examples {
			t.Errorf("%s: %s: %s", f.File, f.What, f.Text)
		}
	}
	for what, n := range kinds {
		if n > examples {
			t.Errorf("and %d times more: %s", n-examples, what)
		}
	}
	return v
}

func TestAttacksArePublishedAsText(t *testing.T) {
	t.Parallel()
	attacksAreText(t, 8)
}

func TestAttacksArePublishedAsTextLong(t *testing.T) {
	t.Parallel()
	long(t)
	attacksAreText(t, 1)
}

// attackRules are keys of hostile sources, by id: what rules put into texts is no markup either.
var attackRules = map[string]string{
	"nashra": `, trust: nashra`,
	"escaped": `, drop: [script], replace: [{from: "/$/", to: ' <img src=x onerror=alert(1)>]]></p>` +
		`<script>alert(2)</script>" onclick="x'}]`,
	"cdata": `, replace: [{from: "/\\[(.)/", to: "<$1"}, {from: "&lt;", to: "<"}, {from: "/(.)/", to: "$1\u202e"}]`,
}

// attacksAreText publishes every so many of the attacks, sent by sources and by an engine. None has
// any effect, and every item is published once, with its words.
func attacksAreText(t *testing.T, every int) {
	t.Helper()
	paper := newPress(t, every)
	srv := httptest.NewServer(paper)
	t.Cleanup(srv.Close)
	fake := enginetest.NewLibre(t)
	poison := attacks(t, "markup.txt")
	fake.Fault(0, enginetest.Fault{Texts: func(texts []string) []string {
		for i, text := range texts { // by the text, since sources are polled in any order
			if n := crc32.ChecksumIEEE([]byte(text)); n%3 > 0 { // otherwise nothing would be translated
				texts[i] += " " + poison[int(n/3)%len(poison)].text
			}
		}
		return texts
	}})
	dir := t.TempDir()
	var sources strings.Builder
	for path := range paper.forms {
		id := strings.TrimPrefix(strings.Split(path, ".")[0], "/")
		fmt.Fprintf(&sources, "  - {id: %s, url: %q, tags: [all]%s}\n", id, srv.URL+path, attackRules[id])
	}
	file := filepath.Join(dir, "nashra.yaml")
	text := fmt.Sprintf("store: %s/nashra.db\npublish: {dir: %s/public, url: https://news.example/}\nfetch: "+
		"{allow_private: true, min_interval: 0s}\ntranslate: {engines: [libre]}\nengines:\n  libre: {type: "+
		"libretranslate, url: %s, key: %q}\n"+
		"channels: [{id: feed, limit: 10000, events: off}]\nsources:\n%s", dir, dir, fake.URL, fake.Key,
		sources.String())
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(build(t), "nashra")
	for range 2 {
		out := command(t, nil, program, "fetch", "--now", "-c", file)
		t.Logf("%s", out)
	}
	public := filepath.Join(dir, "public")
	served := t.TempDir()
	serveAttacks(t, file, served)
	v := judged(t, public, served)
	t.Logf("%d items: html5lib judged %d files, %d texts of items", paper.items, v.Files, v.Fragments)
	feedFiles := 0
	for path, n := range v.Entries {
		if filepath.Dir(path) != public {
			continue
		}
		if feedFiles++; n != paper.items {
			t.Errorf("%s has %d items of %d", path, n, paper.items)
		}
	}
	if feedFiles != 9 {
		t.Errorf("%d files of the channel were judged", feedFiles)
	}
	paper.judge(t, public)
}

// judge checks that each item's words are in one entry, and that sanitizing changes nothing.
func (p *press) judge(t *testing.T, public string) {
	t.Helper()
	translated, others := 0, 0
	for _, name := range []string{"feed.json", "feed.en.json", "feed.ar.json"} {
		text, err := os.ReadFile(filepath.Join(public, name))
		if err != nil {
			t.Fatal(err)
		}
		var feed struct {
			Items []struct {
				ID      string
				Content string                                       `json:"content_html"`
				Nashra  struct{ Translation struct{ State string } } `json:"_nashra"`
			}
		}
		if err := json.Unmarshal(text, &feed); err != nil {
			t.Fatal(err)
		}
		ids, all := map[string]bool{}, ""
		for _, it := range feed.Items {
			if ids[it.ID] {
				t.Errorf("%s: the id %s stands twice", name, it.ID)
			}
			ids[it.ID] = true
			shown := strings.ReplaceAll(it.Content, "<hr>", "<hr/>")
			if again := sanitize.HTML(shown, ""); again != strings.TrimSpace(shown) {
				if others++; others <= examples {
					t.Errorf("%s: sanitised again it is another:\n%s\n%s", name, shown, again)
				}
			}
			if all += it.Content; it.Nashra.Translation.State == "done" {
				translated++
			}
		}
		for i, mark := range p.marks {
			if n := strings.Count(all, mark); n != 1 && name == "feed.ar.json" {
				t.Errorf("%s: the words of item %d stand %d times", name, i, n)
			}
		}
	}
	if translated == 0 {
		t.Error("nothing was translated: what an engine adds was not judged")
	}
}

// joined makes the parts for the config in file, as the command does. done closes them.
func joined(t *testing.T, file string) (w *wire, st *store.Store, a *aggregator.Aggregator, done func()) {
	t.Helper()
	cfg, err := configReader().Read(file)
	if err != nil {
		t.Fatal(err)
	}
	if w, err = newWire(cfg, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if st, err = store.Open(t.Context(), cfg.Store); err != nil {
		t.Fatal(err)
	}
	if a, err = w.aggregator(t.Context(), st); err != nil {
		t.Fatal(err)
	}
	return w, st, a, func() { st.Close(); w.client.CloseIdle() }
}

// serveAttacks saves in dir what a server answers for pages that are not published as files.
func serveAttacks(t *testing.T, file, dir string) {
	t.Helper()
	w, st, a, done := joined(t, file)
	defer done()
	if _, err := st.Index(t.Context()); err != nil {
		t.Fatal(err)
	}
	site := w.site(a, nil)
	n := 0
	ask := func(target, ext string) {
		r := httptest.NewRequest(http.MethodGet, target, nil)
		rec := httptest.NewRecorder()
		site.ServeHTTP(rec, r)
		n++
		if csp := rec.Header().Get("Content-Security-Policy"); ext == "html" && rec.Code == http.StatusOK &&
			!strings.Contains(csp, "default-src 'none'") {
			t.Errorf("%s: policy %q", target, csp)
		}
		if rec.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", target, rec.Header())
		}
		if kind := rec.Header().Get("Content-Type"); !strings.Contains(kind, "charset=utf-8") && ext == "html" {
			t.Errorf("%s: %s", target, kind)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.%s", n, ext)), rec.Body.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range attacks(t, "markup.txt") {
		ask("/search?q="+url.QueryEscape(x.text), "html")
		ask("/"+url.PathEscape(x.text), "html")
	}
	for _, view := range []string{"tags/all", "sources/cdata"} {
		for _, ext := range []string{"atom", "rss", "json"} {
			ask("/"+view+"."+ext, ext)
		}
	}
}

// testdata/attack/README.md names existing tests.
func TestAttackTableNamesTests(t *testing.T) {
	table, err := os.ReadFile(filepath.Join("testdata", "attack", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	root, tests := filepath.Join("..", ".."), map[string]bool{}
	err = filepath.WalkDir(root, func(name string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := os.ReadFile(name)
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(t `).FindAllSubmatch(text, -1) {
			tests[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`Test\w+`).FindAllString(string(table), -1)
	if len(named) < 30 {
		t.Errorf("only %d tests are named", len(named))
	}
	for _, name := range named {
		if !tests[name] {
			t.Errorf("the table names %s, which is not there", name)
		}
	}
}
