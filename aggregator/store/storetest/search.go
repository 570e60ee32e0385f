package storetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
)

// searched returns the titles of the stories that a search for words finds.
func searched(t *testing.T, st Store, words string) (out []string) {
	t.Helper()
	for _, s := range search(t, st, feeds.Query{Words: words, Limit: 20}).Stories {
		out = append(out, s.Title)
	}
	return out
}

func search(t *testing.T, st Store, q feeds.Query) feeds.Found {
	t.Helper()
	found, err := st.Search(t.Context(), q)
	if err != nil {
		t.Errorf("search for %q: %v", q.Words, err)
	}
	return found
}

func indexed(t *testing.T, st Store, want int) {
	t.Helper()
	if n, err := st.Index(t.Context()); err != nil || n != want {
		t.Errorf("indexed %d stories, %v; want %d", n, err, want)
	}
}

// words tests that a search finds words of both languages in any spelling and takes no word for an
// operator.
func words(t *testing.T, st Store) {
	chip, phone := entry("a", "1", "شركة آبل تطلق هاتفًا"), entry("a", "2", "جوجل تُصلح ثغرة")
	game := entry("b", "3", "لعبة GPT-4 و18.3.1 عن a<b و<video> الجديد، Nvidia phones")
	chip.Body = `<p>السعر ١٦٬٠٠٠ دولار، قالت <a href="https://secret.example/">الشركات</a> إنها &lt;مجانية&gt;</p>`
	for i, it := range []*feeds.Item{&chip, &phone, &game} {
		it.Published = noon.Add(-time.Duration(i+1) * time.Hour)
	}
	if got := searched(t, st, "آبل"); got != nil {
		t.Errorf("an empty store has %q", got)
	}
	began(t, st, chip, phone, game)
	indexed(t, st, 3)
	indexed(t, st, 0)
	for question, want := range map[string][]string{
		"أبل":                       {chip.Title}, // hamza
		"ابل":                       {chip.Title},
		"الشركة":                    {chip.Title}, // article
		"شركات":                     {chip.Title},
		"تصلح":                      {phone.Title}, // vowels
		"آبل هواتف":                 {chip.Title},  // a broken plural
		"phone":                     {game.Title},  // a stem
		"nvid":                      {game.Title},  // a beginning
		"\"nvid\"":                  nil,
		"ph":                        nil,
		"مجا":                       {chip.Title},
		"gpt-4":                     {game.Title},
		"GPT":                       {game.Title},
		"18.3.1":                    {game.Title},
		"video الجديد":              {game.Title}, // a title is no HTML
		"16000":                     {chip.Title},
		"مجانيه":                    {chip.Title},
		"آبل هاتف":                  {chip.Title},
		"آبل جوجل":                  nil,
		"secret":                    nil, // in an address only
		"href":                      nil,
		`" AND "آبل`:                {chip.Title}, // no operator, and too common to count
		"آبل* NOT x":                nil,
		"-آبل":                      {chip.Title},
		"(آبل) ^ + {title}:":        nil,
		"آ":                         nil,
		"😀":                         nil,
		"في":                        nil,
		"@xa":                       nil,
		"~google":                   {phone.Title},
		"' | ''":                    nil,
		"words : آبل":               nil,
		"؟!.":                       nil,
		"NEAR(آبل, 2)":              nil,
		"\x00آبل\xff":               {chip.Title},
		strings.Repeat("آبل ", 500): {chip.Title},
	} {
		equal(t, fmt.Sprintf("%q", question[:min(len(question), 40)]), searched(t, st, question), want)
	}
}

// wordsFollow tests that Index takes up edits, translations and hidden stories.
func wordsFollow(t *testing.T, st Store) {
	it := entry("a", "1", "الأصل")
	began(t, st, it)
	indexed(t, st, 1)
	s := one(t, st, it)
	later := noon.Add(time.Minute)
	tr := feeds.Translation{
		Text:  feeds.Text{Lang: "en", Title: "The Original"},
		State: feeds.Done, Engine: "mt", At: later, Source: s.Hash(),
	}
	if err := st.Translated(t.Context(), later, map[string]feeds.Translation{s.ID: tr}); err != nil {
		t.Fatal(err)
	}
	equal(t, "not yet", searched(t, st, "original"), nil)
	indexed(t, st, 1)
	equal(t, "translated", searched(t, st, "original"), []string{it.Title})
	equal(t, "and as it was", searched(t, st, "اصل"), []string{it.Title})

	edited := it
	edited.Text = feeds.Text{Lang: "ar", Title: "النسخة"}
	polled(t, st, noon.Add(time.Hour), edited)
	indexed(t, st, 1)
	equal(t, "edited", searched(t, st, "نسخة"), []string{edited.Title})
	equal(t, "no longer", searched(t, st, "الأصل"), nil)

	if err := st.Hide(t.Context(), s.ID); err != nil {
		t.Fatal(err)
	}
	equal(t, "hidden", searched(t, st, "نسخة"), nil)
	indexed(t, st, 1)
	indexed(t, st, 0)
	if err := st.Hide(t.Context(), "0123456789abcdef"); err == nil {
		t.Error("hiding an unknown story is no error")
	}
}

// wordsOfSome tests that sources and a time narrow a search, also without words, and that a story is
// found by each of its sources.
func wordsOfSome(t *testing.T, st Store) {
	a, b, c := entry("a", "1", "آبل تطلق"), entry("b", "2", "آبل تعلن"), entry("c-d", "3", "جوجل")
	for i, it := range []*feeds.Item{&a, &b, &c} {
		it.Published = noon.Add(-time.Duration(i) * 24 * time.Hour)
	}
	began(t, st, a, b, c)
	indexed(t, st, 3)
	day := noon.Truncate(24 * time.Hour)
	many := make([]string, 20)
	for i := range many {
		many[i] = fmt.Sprint("other-", i)
	}
	for name, c := range map[string]struct {
		q    feeds.Query
		want []string
	}{
		"all":                {feeds.Query{}, []string{a.Title, b.Title, c.Title}},
		"a source":           {feeds.Query{Sources: []string{"c-d"}}, []string{c.Title}},
		"two":                {feeds.Query{Sources: []string{"c-d", "a"}}, []string{a.Title, c.Title}},
		"of many":            {feeds.Query{Words: "آبل", Sources: append(many, "b")}, []string{b.Title}},
		"many alone":         {feeds.Query{Sources: append(many, "b", "c-d")}, []string{b.Title, c.Title}},
		"part of an id":      {feeds.Query{Sources: []string{"c"}}, nil},
		"words of a source":  {feeds.Query{Words: "آبل", Sources: []string{"b"}}, []string{b.Title}},
		"a beginning, too":   {feeds.Query{Words: "تعل", Sources: []string{"b", "c-d"}}, []string{b.Title}},
		"a day":              {feeds.Query{From: day, Until: day.Add(24 * time.Hour)}, []string{a.Title}},
		"until":              {feeds.Query{Until: day, Words: "آبل"}, []string{b.Title}},
		"a day and a source": {feeds.Query{From: day, Sources: []string{"b"}}, nil},
		"signs are no words": {feeds.Query{Words: "!", Sources: []string{"b"}}, nil},
	} {
		c.q.Limit = 20
		var got []string
		found := search(t, st, c.q)
		for _, s := range found.Stories {
			got = append(got, s.Title)
		}
		equal(t, name, got, c.want)
		equal(t, name+": counted", []int{found.Count}, []int{len(c.want)})
	}
	joined := entry("e", "4", "آبل تطلق")
	polled(t, st, noon.Add(time.Hour), joined)
	grouped(t, st, noon.Add(time.Hour), joins(joined, a, feeds.Copy))
	indexed(t, st, 1)
	if n := search(t, st, feeds.Query{Sources: []string{"e"}, Limit: 20}).Count; n != 1 {
		t.Errorf("%d stories of a source that joined one", n)
	}
}

// wordsByPage tests that the pages of a search hold each story once, newest first.
func wordsByPage(t *testing.T, st Store) {
	var items []feeds.Item
	for i := range 450 {
		it := entry("a", fmt.Sprint(i), fmt.Sprintf("خبر رقم %d", i))
		it.Published = noon.Add(-time.Duration(i/3) * time.Second) // three a second
		items = append(items, it)
	}
	began(t, st, items...)
	indexed(t, st, len(items))
	seen := map[string]bool{}
	q := feeds.Query{Words: "خبر", Limit: 20}
	last := noon
	for {
		found := search(t, st, q)
		if found.Count != len(items) {
			t.Errorf("%d stories are counted", found.Count)
		}
		for _, s := range found.Stories {
			if seen[s.ID] || s.Published.After(last) {
				t.Errorf("%s of %v comes after %v, or again", s.ID, s.Published, last)
			}
			seen[s.ID], last = true, s.Published
		}
		if found.Next == (feeds.Cursor{}) {
			break
		}
		q.Before = found.Next
	}
	if len(seen) != len(items) {
		t.Errorf("%d stories of %d", len(seen), len(items))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := st.Index(ctx); err == nil {
		t.Error("Index ignores a cancelled context")
	}
}
