package render

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/parse"
)

// chain returns a story with a copy, an update and many linked reports, and these.
func chain(reports int) (feeds.Site, feeds.Story, []feeds.Story) {
	site, _, stories := shelf()
	s := stories[0]
	again := s.Items[0].Item
	again.GUID, again.Title, again.Published = "1-2", "DeepSeek: تحديث", utc(28, 15)
	copied := s.Items[0].Item
	copied.SourceID, copied.URL, copied.Published = "khabar", "https://khabar.example/9", utc(28, 14)
	s.Items = append(s.Items[:1:1], feeds.Member{Item: again, Kind: feeds.Update},
		feeds.Member{Item: copied, Kind: feeds.Copy})
	var linked []feeds.Story
	for i := range reports {
		l := stories[2]
		l.ID = fmt.Sprintf("%016x", i)
		l.Published = utc(28, 16).Add(time.Duration(i) * time.Minute)
		l.Updated = l.Published
		linked = append(linked, l)
	}
	return site, s, linked
}

func follow(t *testing.T, site feeds.Site, s feeds.Story, linked []feeds.Story) map[feeds.Format][]byte {
	t.Helper()
	out, to := map[feeds.Format]*bytes.Buffer{}, map[feeds.Format]io.Writer{}
	for _, f := range FollowFormats {
		out[f] = &bytes.Buffer{}
		to[f] = out[f]
	}
	if err := Follow(site, s, linked, to); err != nil {
		t.Fatal(err)
	}
	return map[feeds.Format][]byte{feeds.Atom: out[feeds.Atom].Bytes(), feeds.JSON: out[feeds.JSON].Bytes()}
}

// The feed of a story has the story, its updates and copies, and what is linked with it; ids never
// change, whatever else comes.
func TestFollow(t *testing.T) {
	site, s, linked := chain(2)
	files := follow(t, site, s, linked)
	golden(t, "follow.atom", files[feeds.Atom])
	golden(t, "follow.json", files[feeds.JSON])
	before := entriesOf(t, files[feeds.Atom])
	site, s, linked = chain(3)
	s.Title += " (محدث)"
	after := entriesOf(t, follow(t, site, s, linked)[feeds.Atom])
	if len(before) != 5 || len(after) != 6 {
		t.Fatalf("%d entries, then %d", len(before), len(after))
	}
	for _, id := range before {
		if !slices.Contains(after, id) {
			t.Errorf("entry %s is gone", id)
		}
	}
}

func entriesOf(t *testing.T, file []byte) (ids []string) {
	t.Helper()
	feed, err := parse.Feed(feeds.Source{ID: "back"},
		feeds.Document{Base: "https://feeds.example/", Body: file, At: utc(30, 0)})
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range feed.Items {
		ids = append(ids, it.GUID)
	}
	return ids
}

// The feed of any story keeps the rules of the W3C validator, and is no longer than a feed may be.
func TestFollowIsValid(t *testing.T) {
	inputs := bad()
	inputs["shelf"] = shelf
	for name, input := range inputs {
		site, _, stories := input()
		for i, s := range stories {
			linked := append(stories[:i:i], stories[i+1:]...)
			for f, file := range follow(t, site, s, linked) {
				got := check(file, f, site.URL+FollowPath(s.ID, f))
				for _, rule := range slices.Sorted(maps.Keys(got)) {
					t.Errorf("%s, %s: %s: %s", name, FollowPath(s.ID, f), rule, got[rule])
				}
			}
		}
	}
	site, s, linked := chain(300)
	if n := len(entriesOf(t, follow(t, site, s, linked)[feeds.Atom])); n != followed {
		t.Errorf("%d entries of 300 reports", n)
	}
	site.URL = ""
	for f, file := range follow(t, site, s, linked) {
		got := check(file, f, "")
		if strings.Contains(string(file), "stories/") && f == feeds.Atom || got["SAXError"] != "" {
			t.Errorf("without publish.url: %v", got)
		}
	}
}
