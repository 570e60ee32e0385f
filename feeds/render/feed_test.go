package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/nashra/nashra/feeds"
)

// The head of a feed says when any of its entries last changed, be it the oldest. The Arabic edition
// does not show what was written in English.
func TestUpdatedIsOfTheEntryThatChangedLast(t *testing.T) {
	site, ch, stories := shelf()
	at := utc(30, 12)
	for name, c := range map[string]struct {
		changed int // index of the story
		lang    string
		arabic  bool // the Arabic edition says so too
	}{
		"first": {0, "ar", true}, "last": {len(stories) - 1, "ar", true}, "English": {4, "en", false},
	} {
		all := append([]feeds.Story(nil), stories...)
		all[c.changed].Updated, all[c.changed].Lang = at, c.lang
		for _, e := range feeds.Editions {
			want := e != feeds.Arabic || c.arabic
			p := editionOf(e, site, ch, all)
			for f, head := range map[feeds.Format]string{
				feeds.Atom: "\n  <updated>" + stamp(at) + "<", feeds.RSS: "<lastBuildDate>" + date(at) + "<",
			} {
				if strings.Contains(string(written(t, p, f)), head) != want {
					t.Errorf("%s, %s: the head says %v, want %v", name, feeds.Path(ch.ID, e, f), !want, want)
				}
			}
		}
	}
}

// A story that changes after it was listed, or was not listed at all, is written as it is now.
func TestStoriesMayChangeAfterTheyWereListed(t *testing.T) {
	site, ch, stories := shelf()
	var b bytes.Buffer
	w := NewWriter(site, ch, listed(stories[1:]))
	if err := w.Begin(&b, feeds.Bilingual, feeds.Atom); err != nil {
		t.Fatal(err)
	}
	stories[1].Updated = utc(31, 0)
	fill(t, w, stories)
	if n := strings.Count(b.String(), "<entry"); n != len(stories) || !strings.Contains(b.String(), stamp(utc(31, 0))) {
		t.Errorf("%d entries, want %d, the second changed later", n, len(stories))
	}
}

// full is a disk with room for some bytes.
type full struct{ room int }

var errFull = errors.New("no space left on device")

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteErrorsAreReported(t *testing.T) {
	site, ch, stories := shelf()
	for i := range 200 {
		s := stories[0]
		s.ID = strings.Repeat("0", 13) + strconv.Itoa(100+i)
		stories = append(stories, s)
	}
	whole := nineFiles(t, site, ch, stories)[feeds.Path(ch.ID, feeds.Bilingual, feeds.RSS)].Len()
	for _, room := range []int{0, whole / 2, whole - 1, whole} {
		w := NewWriter(site, ch, listed(stories))
		err := w.Begin(&full{room}, feeds.Bilingual, feeds.RSS)
		for _, s := range stories {
			err = errors.Join(err, w.Add(s))
		}
		err = errors.Join(err, w.Close())
		if errors.Is(err, errFull) != (room < whole) {
			t.Errorf("%d of %d bytes fit: %v", room, whole, err)
		}
	}
}

// A channel without events counts its own stories only.
func TestCoverageInJSON(t *testing.T) {
	site, ch, stories := shelf()
	s := stories[:1]
	s[0].Related = []feeds.Member{{Item: feeds.Item{SourceID: "wire"}, Kind: feeds.Linked}}
	s[0].Elsewhere = []feeds.Appearance{{Source: "wire", Seen: utc(30, 0), Published: utc(30, 0)},
		{Source: "other", Seen: utc(30, 1), Published: utc(30, 1)}}
	for events, want := range map[string]string{
		"link": `"outlets":["tiqani.example","khabar.example","wire.example","other"],"reports":2`,
		"off":  `"outlets":["tiqani.example","khabar.example"],"reports":1`,
	} {
		ch.Events = events
		var b bytes.Buffer
		if err := json.Compact(&b, written(t, editionOf(feeds.English, site, ch, s), feeds.JSON)); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), want) {
			t.Errorf("events: %s has no %s: %s", events, want, b.String())
		}
	}
}
