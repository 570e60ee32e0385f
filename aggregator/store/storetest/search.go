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
	for _, s := range stories(t, st, feeds.Query{Words: words, Limit: 20}) {
		out = append(out, s.Title)
	}
	return out
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
	game := entry("b", "3", "لعبة GPT-4 و18.3.1 عن a<b و<video> الجديد")
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
		`" OR "آبل`:                 nil, // "or" is a word
		"آبل* NOT x":                nil,
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
		page := stories(t, st, q)
		for _, s := range page {
			if seen[s.ID] || s.Published.After(last) {
				t.Errorf("%s of %v comes after %v, or again", s.ID, s.Published, last)
			}
			seen[s.ID], last = true, s.Published
		}
		if len(page) < q.Limit {
			break
		}
		q.Before = feeds.Cursor{Published: last, ID: page[len(page)-1].ID}
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
