package feeds

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

var monday = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

// told returns an item; its title is "أ" and its text "نص" unless given, its date that many days after Monday.
func told(guid, link, title, text string, day int) Item {
	it := Item{GUID: guid, URL: link, Text: Text{Title: "خبر " + title, Body: text},
		Published: monday.AddDate(0, 0, day)}
	if guid == "" {
		it.GUID = CleanURL(link)
	}
	return it
}

func TestIdentifyTakesTheFirstKeyThatIdentifies(t *testing.T) {
	const page, site = "https://site.example/p/1", "https://site.example/"
	undated := told("1", page, "أ", "نص", 0)
	undated.Published = time.Time{}
	other := undated
	other.Body = "نص آخر"
	for _, c := range []struct {
		what  string
		items []Item
		want  []Level
	}{
		{"guids of their own, one page", []Item{told("1", page, "أ", "", 0), told("2", page, "ب", "", 1)},
			[]Level{ByGUID, ByGUID}},
		{"one guid", []Item{told("1", page, "أ", "", 0), told("1", page+"2", "ب", "", 1)}, []Level{ByLink, ByLink}},
		{"one guid in one form of address and another", []Item{told("http://www.site.example/1", page, "أ", "", 0),
			told("https://site.example/1", page+"2", "ب", "", 1)}, []Level{ByLink, ByLink}},
		{"the site's address as guid", []Item{told(site, page, "أ", "", 0)}, []Level{ByLink}},
		{"the site's address as guid and link", []Item{told("http://www.site.example", site, "أ", "", 0)},
			[]Level{ByTitle}},
		{"links that differ after #", []Item{told("", page+"#1", "أ", "", 0), told("", page+"#2", "ب", "", 1)},
			[]Level{ByFragment, ByFragment}},
		{"one link", []Item{told("", page, "أ", "", 0), told("", page, "ب", "", 0)}, []Level{ByTitle, ByTitle}},
		{"one link and title", []Item{told("1", page, "أ", "نص", 0), told("1", page, "أ", "آخر", 1)},
			[]Level{ByDate, ByDate}},
		{"one link and title, and no dates", []Item{undated, other}, []Level{ByDate, ByDate}},
		{"one item twice", []Item{told("1", page, "أ", "نص", 0), told("1", page, "أ", "نص", 3)}, []Level{ByGUID}},
		{"versions of one entry", []Item{told("1", page, "أ", "نص", 0), told("1", page, "أ", "آخر", 0)},
			[]Level{ByGUID}},
		{"a guid of two among others", []Item{told("1", page, "أ", "", 0), told("1", page+"2", "ب", "", 1),
			told("3", page+"3", "ج", "", 1)}, []Level{ByLink, ByLink, ByGUID}},
	} {
		out, shared := Identify(slices.Clone(c.items), site, "")
		var got []Level
		keys := map[string]bool{}
		for _, it := range out {
			got = append(got, it.Level())
			keys[it.GUID] = true
		}
		if !slices.Equal(got, c.want) || len(keys) != len(c.want) {
			t.Errorf("%s: levels %v, want %v; keys %v", c.what, got, c.want, keys)
		}
		for i, it := range out { // what was shared once identifies nothing alone
			if alone, _ := Identify([]Item{it}, site, shared); alone[0].GUID != it.GUID {
				t.Errorf("%s: item %d alone has the key %q, with others %q", c.what, i, alone[0].GUID, it.GUID)
			}
		}
	}
}

func TestSeriesShareTheirHeadline(t *testing.T) {
	for _, c := range []struct {
		what string
		b    Item
		want bool
	}{
		{"another picture", told("2", "", "أ", "<img src=2>", 0), true},
		{"the same text a day later", told("2", "", "أ", "نص", 1), true},
		{"the same text on one day", told("2", "", "أ", "نص", 0), false},
		{"another title", told("2", "", "ب", "آخر", 1), false},
	} {
		a := told("1", "", "أ", "نص", 0)
		if _, shared := Identify([]Item{a, c.b}, "", ""); shared.Has(a.Headline()) != c.want || shared.Keys() {
			t.Errorf("%s: %q, want the headline there: %v", c.what, shared, c.want)
		}
	}
}

func TestSharedIsBoundedAndForgetsTheOldest(t *testing.T) {
	var s Shared
	for i := range 3 * maxShared {
		s = s.With(fmt.Sprint(i)).With("always")
	}
	if n := strings.Count(string(s), " "); n != maxShared || len(s) != n*hashSize {
		t.Errorf("%d values in %d bytes", n, len(s))
	}
	if !s.Has("always") || !s.Has(fmt.Sprint(3*maxShared-1)) || s.Has("0") || s.Has("never") {
		t.Errorf("it holds %s", s)
	}
}

func TestCleanURLLeavesSessionsOut(t *testing.T) {
	const session = "0123456789abcdef0123456789"
	for address, want := range map[string]string{
		"https://a.example/s.php?PHPSESSID=x&id=4":             "https://a.example/s.php?id=4",
		"https://a.example/s;jsessionid=0A?id=4":               "https://a.example/s?id=4",
		"https://a.example/s.php?sid=" + session + "&id=4":     "https://a.example/s.php?id=4",
		"https://a.example/article.php?sid=123":                "https://a.example/article.php?sid=123",
		"https://a.example/?s=" + session[:8]:                  "https://a.example/?s=" + session[:8],
		"https://a.example/s.asp?ASPSESSIONIDQA=x&sessionid=3": "https://a.example/s.asp",
	} {
		if got := CleanURL(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}
