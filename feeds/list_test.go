package feeds

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// The id of what a list names depends on the address alone, and stays the same if that gets https or loses
// its www.
func TestEntryID(t *testing.T) {
	seen := map[string]string{}
	for _, same := range [][]string{
		{"https://www.example.com/feed/", "http://example.com/feed", "feed:https://example.com/feed/",
			"HTTP://EXAMPLE.com:80/feed?utm_source=x"},
		{"https://example.com/other"},
		{"https://example.com/Feed"},
		{"https://user:pass@example.com/feed"},
		{"https://أخبار.example/feed", "https://xn--igbicxr.example/feed"},
		{"http://[2001:db8::1]:8080/feed"},
		{"https://" + strings.Repeat("long-name.", 20) + "example/feed"},
		{"https://example.org/?feed=rss2"},
	} {
		first := EntryID(same[0])
		if !regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`).MatchString(first) || strings.Contains(first, "pass") {
			t.Errorf("%s has the id %q", same[0], first)
		}
		if other := seen[first]; other != "" {
			t.Errorf("%s and %s have the id %s", other, same[0], first)
		}
		seen[first] = same[0]
		for _, address := range same[1:] {
			if id := EntryID(address); id != first {
				t.Errorf("%s has the id %s, and %s %s", address, id, same[0], first)
			}
		}
	}
	if id := EntryID("https://www.example.com/feed/"); id != "example-com-6dffb42065" {
		t.Errorf("ids of stored sources changed: %s", id)
	}
}

// Lists as other programs write them, after public reports of what failed elsewhere.
func TestEntriesOfOthers(t *testing.T) {
	wrap := func(outlines string) string { return "<opml version='2.0'><head/><body>" + outlines + "</body></opml>" }
	for what, c := range map[string]struct {
		text, want string // hosts, in order
		refused    int
		example    string
	}{
		"ampersands that are not escaped": {text: wrap(`<outline text="A" htmlUrl="https://a.example/?a=1&b=2" ` +
			`xmlUrl="https://a.example/rss?x=1&y=2"/>` +
			`<outline text="B & C" xmlUrl="https://b.example/"/>`), want: "a b"},
		"neither type nor text": {text: wrap(`<outline xmlUrl="https://a.example/"></outline>`), want: "a"},
		"type atom, link or a page": {
			text: wrap(`<outline type="atom" xmlUrl="https://a.example/"/>` +
				`<outline type="link" xmlUrl="https://b.example/"/>`), want: "a b"},
		"a relative address": {
			text: wrap(`<outline text="ongoing" xmlUrl="/ongoing.atom"/>` +
				`<outline xmlUrl="https://a.example/"/>`),
			want: "a", refused: 1, example: `"/ongoing.atom" is no http or https address`},
		"one feed in three folders": {
			text: wrap(`<outline text="x"><outline xmlUrl="https://a.example/"/></outline>` +
				`<outline text="y"><outline xmlUrl="http://www.a.example"/></outline>` +
				`<outline xmlUrl="https://a.example/#x"/>`), want: "a"},
		"a page with rules of FreshRSS": {
			text:    wrap(`<outline type="HTML+XPath" text="p" xmlUrl="https://a.example/"/>`),
			refused: 1, example: `outline "p" is a page, of type "HTML+XPath"`},
		"a list in it": {
			text: wrap(`<outline type="include" text="more" url="https://a.example/l.opml"/>`), refused: 1},
		"commented out": {
			text: wrap(`<outline isComment="true"><outline xmlUrl="https://a.example/"/></outline>`), refused: 1},
		"names in upper case": {text: `<OPML><BODY><OUTLINE XMLURL="https://a.example/"/></BODY></OPML>`, want: "a"},
		"a namespace": {text: `<o:opml xmlns:o="http://opml.org/spec2"><o:body>` +
			`<o:outline o:xmlUrl="https://a.example/"/></o:body></o:opml>`, want: "a"},
		"feed: as the scheme": {text: wrap(`<outline xmlUrl="feed://a.example/rss"/>`), want: "a"},
		"entities of HTML": {
			text: wrap(`<outline text="&nbsp;&laquo;x&raquo;" xmlUrl="https://a.example/"/>`), want: "a"},
		"an entity of its own": {
			text: `<!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>` +
				wrap(`<outline text="&b;" xmlUrl="https://a.example/"/>`), want: "a"},
		"an address as long as a page": {
			text:    wrap(`<outline xmlUrl="https://a.example/` + strings.Repeat("x", 9000) + `"/>`),
			refused: 1},
	} {
		list, err := DecodeOPML([]byte(c.text))
		if err != nil && c.want != "" {
			t.Errorf("%s: %v", what, err)
			continue
		}
		entries, refused, example := list.Entries("opml:l")
		var hosts []string
		for i, e := range entries {
			host, _, _ := strings.Cut(strings.TrimPrefix(Hostless(CleanURL(e.URL)), "www."), ".")
			hosts = append(hosts, host)
			if e.Place != i || e.List != "opml:l" || e.ID != EntryID(e.URL) {
				t.Errorf("%s: %+v", what, e)
			}
		}
		if got := strings.Join(hosts, " "); got != c.want || refused != c.refused ||
			!strings.Contains(example, c.example) {
			t.Errorf("%s: %q, %d refused, such as %s; want %q, %d, %s", what, got, refused, example, c.want, c.refused,
				c.example)
		}
	}
}

// Whatever a list holds, its entries have web addresses and ids that are safe in file names, each once.
func FuzzEntries(f *testing.F) {
	f.Add([]byte(`<opml><body><outline text="x" xmlUrl="https://a.example/"/></body></opml>`))
	f.Add([]byte("<opml><outline xmlUrl='http://[::1]:80/'/>" +
		"<outline xmlUrl='http://\xff/'/><outline xmlUrl='HTTP://①②⑦.⓪.⓪.①'/>"))
	id := regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)
	f.Fuzz(func(t *testing.T, text []byte) {
		if !utf8.Valid(text) {
			return // parse.Text makes it valid
		}
		list, err := DecodeOPML(text)
		if err != nil {
			return
		}
		entries, _, example := list.Entries("opml:l")
		seen := map[string]bool{}
		for _, e := range entries {
			lower := strings.ToLower(e.URL)
			if !id.MatchString(e.ID) || seen[e.ID] ||
				!strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "https://") {
				t.Errorf("%+v", e)
			}
			seen[e.ID] = true
		}
		if strings.ContainsAny(example, "\n\x00\u202e") {
			t.Errorf("example %q", example)
		}
	})
}
