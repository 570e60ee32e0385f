package site

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/parse"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

func utc(day, hour int) time.Time { return time.Date(2025, 1, day, hour, 0, 0, 0, time.UTC) }

var (
	place = feeds.Site{URL: "https://feeds.example/", Sources: map[string]feeds.Source{
		"tiqani": {
			ID:    "tiqani",
			Title: feeds.NewTitle("تقني"),
		},
		"khabar": {ID: "khabar", Title: feeds.NewTitle("خبر تك")},
		"raqmi": {
			ID:    "raqmi",
			Title: feeds.NewTitle("الرقمي 24"),
		},
		"wire": {ID: "wire", Title: feeds.NewTitle("The Wire")},
		"puce": {ID: "puce", Title: feeds.NewTitle("La Puce")},
	}}
	tech = feeds.Channel{ID: "feed", Events: "link",
		Title: map[string]string{"en": "Arabic tech news", "ar": "أخبار التقنية"}}
	chip = feeds.Channel{ID: "chips", Title: map[string]string{"ar": "رقائق"}, Events: "link"}
)

func item(source, url string, at time.Time, t feeds.Text) feeds.Item {
	return feeds.Item{SourceID: source, GUID: url, URL: url, Text: t, Published: at, Seen: at}
}

func story(id string, it feeds.Item, tr feeds.Translation) feeds.Story {
	return feeds.Story{ID: id, Items: []feeds.Member{{Item: it, Kind: feeds.Lead}}, Text: it.Text, Translation: tr,
		Published: it.When(), Updated: it.When()}
}

// shelf returns one story of each kind that a page may show, in no order.
func shelf() []feeds.Story {
	lead := item("tiqani", "https://tiqani.example/2025/ديب-سيك/?a=1&b=2", utc(28, 10), feeds.Text{Lang: "ar",
		Title: "\u202bDeepSeek تربك «وول ستريت» وتهبط 17%\u202c",
		Body: `<figure><img src="https://tiqani.example/a.jpg" alt="شعار"/>` +
			`<figcaption>شعار DeepSeek</figcaption></figure>` +
			`<p>تراجع سهم <a href="https://nvidia.example/">Nvidia</a> بنسبة 17%.<br/>V3 وR1 نموذجان.</p>` +
			`<p>والبقية.</p>`})
	english := feeds.Text{Lang: "en", Title: "DeepSeek (ديب سيك) rattles “Wall Street”, down 17%",
		Body: `<figure><img src="https://tiqani.example/a.jpg" alt="logo"/></figure>` +
			`<p>Shares in <a href="https://nvidia.example/">Nvidia</a> fell 17%, says نشرة.</p>`}
	done := story("00000000000000a1", lead,
		feeds.Translation{State: feeds.Done, Engine: "google", Model: "nmt", At: utc(28, 13), Text: english})
	copied := item("khabar", "https://khabar.example/9", utc(28, 12), lead.Text)
	older := item("tiqani", "https://tiqani.example/old", utc(28, 9), lead.Text)
	event := item("raqmi", "https://raqmi.example/7", utc(28, 9), lead.Text)
	done.Items = append(done.Items, feeds.Member{Item: older, Kind: feeds.Update},
		feeds.Member{Item: copied, Kind: feeds.Copy}, feeds.Member{Item: copied, Kind: feeds.Copy})
	done.Related = []feeds.Member{{Item: event, Kind: feeds.Linked, Story: "00000000000000a6"}}

	waits := item("khabar", "https://khabar.example/2", utc(27, 9),
		feeds.Text{Lang: "ar", Title: "OpenAI تطلق o3-mini", Summary: "<p>أتاحت الشركة نموذجها.</p>"})
	half := item("tiqani", "https://tiqani.example/3", utc(26, 9),
		feeds.Text{Lang: "ar", Title: "آبل تطلق هاتفًا", Body: "<p>السعر 599 دولارًا.</p>"})
	partial := feeds.Translation{State: feeds.Partial, Engine: "libre", At: utc(26, 10), TitleDoubts: "names title",
		BodyDoubts: "negation 10 repetition 12 numbers 14",
		Text: feeds.Text{Lang: "en", Title: "Apple launches a phone",
			Body: `<p lang="ar" dir="rtl"><em lang="en" dir="ltr">[not translated]</em> ` +
				arabic.Isolate("السعر 599 دولارًا.") + "</p>"}}
	byPeople := feeds.Translation{State: feeds.Done, Engine: "memory", At: utc(26, 8),
		Text: feeds.Text{Lang: "en", Title: "The headline only"}}
	none := feeds.Translation{State: feeds.None}
	return []feeds.Story{
		story("00000000000000a4", item("wire", "https://wire.example/4", utc(25, 9),
			feeds.Text{Lang: "en", Title: "Chips are scarce", Body: "<p>Again.</p>"}), none),
		done,
		story("00000000000000a2", waits, feeds.Translation{State: feeds.Waiting}),
		story("00000000000000a3", half, partial),
		story("00000000000000a6", item("raqmi", "", utc(26, 8),
			feeds.Text{Lang: "ar", Title: "مراجعة: iPhone 16e",
				Body: `<p lang="en" dir="ltr">A tweet, quoted</p>`}), byPeople),
		story("00000000000000a5", item("puce", "https://puce.example/5", utc(25, 8),
			feeds.Text{Lang: "fr", Title: "Des puces", Body: "<p>Encore.</p>"}), none),
		story("00000000000000a7", item("raqmi", "https://raqmi.example/8", utc(25, 7),
			feeds.Text{Lang: "ar", Title: "خبر لا يُترجم", Body: "<p>نصه.</p>"}), none),
	}
}

// hostile returns stories whose every text tries to break out of its element.
func hostile() (feeds.Site, []feeds.Channel, []feeds.Story) {
	const out = "\"'></p></h3></article></style><script>alert(1)</script><img src=x onerror=alert(1)>\u202e\u2067\x00"
	evil := item("evil", "javascript:alert(1)", utc(24, 9), feeds.Text{Lang: `ar"onload="x`, Title: "خبر" + out,
		Body: `<p onclick="x()">نص` + out + `<a href="javascript:alert(1)">رابط</a><bdo dir="ltr">قلب</bdo>` +
			`<span lang="en" dir="ltr">عربي كله</span></p>`})
	tr := feeds.Translation{State: feeds.Done, Engine: "e" + out, Model: "m" + out, At: utc(24, 9), Text: feeds.Text{
		Lang: "en", Title: "News خبر" + out,
		Body: `<div><p dir="rtl">Text` + out + `<a href="data:text/html,x">link</a></p></div>`}}
	copied := item("bad"+out, "https://ok.example/\"><script>", utc(24, 9), evil.Text)
	s := story("00000000000000e1", evil, tr)
	s.Lang = "ar"
	s.Items = append(s.Items, feeds.Member{Item: copied, Kind: feeds.Copy})
	s.Related = []feeds.Member{{Item: evil, Kind: feeds.Linked},
		{Item: item("evil", "https://user@ok.example/\u202e", utc(1, 1), evil.Text)}}
	where := feeds.Site{Sources: map[string]feeds.Source{"evil": {ID: "evil", Title: feeds.NewTitle("مصدر" + out)}}}
	ch := feeds.Channel{ID: "javascript:alert(1)//", Title: map[string]string{"en": "T" + out, "ar": "ع" + out}}
	return where, []feeds.Channel{ch, tech}, []feeds.Story{s}
}

// endless returns stories whose texts are as long as a source may make them, with and without spaces, and
// in a language that is not known.
func endless() (out []feeds.Story) {
	for i, lang := range []string{"ar", "en", "", "tlh"} {
		for j, word := range []string{"كلمة ", "word ", "كلمة", "word"} {
			text := strings.Repeat(word, 100_000/len(word))
			it := item(
				"tiqani",
				"https://tiqani.example/"+lang+word,
				utc(20, 4*i+j),
				feeds.Text{Lang: lang, Title: text,
					Body: "<p>" + text + "</p>"},
			)
			tr := feeds.Translation{State: feeds.None}
			if lang == "ar" {
				tr = feeds.Translation{State: feeds.Done, At: utc(20, 1), Text: feeds.Text{Lang: "en", Title: text}}
			}
			out = append(out, story(fmt.Sprintf("%016x", 0xb0+4*i+j), it, tr))
		}
	}
	return out
}

// samples returns the sample feeds as stories, with the headlines and first paragraphs of their
// reference translation.
func samples(t *testing.T) (feeds.Site, []feeds.Story) {
	t.Helper()
	dir := filepath.Join("..", "parse", "testdata", "in")
	english := references(t, filepath.Join(dir, "reference-en.jsonl"))
	files, err := filepath.Glob(filepath.Join(dir, "[a-np-z]*.xml")) // without odd-*.xml
	if err != nil || len(files) < 8 {
		t.Fatal("sample feeds:", files, err)
	}
	where := feeds.Site{Sources: map[string]feeds.Source{}}
	var out []feeds.Story
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		id, _, _ := strings.Cut(filepath.Base(name), "-")
		doc := feeds.Document{Base: "https://" + id + ".example/feed", Body: body,
			At: time.Date(2025, 4, 1, 6, 0, 0, 0, time.UTC)}
		feed, err := parse.Feed(feeds.Source{ID: id}, doc)
		if err != nil {
			t.Fatal(err)
		}
		where.Sources[id] = feeds.Source{ID: id, Title: feeds.NewTitle(feed.Title)}
		for _, it := range feed.Items {
			it.Seen = time.Date(2025, 4, 1, 6, 0, 0, 0, time.UTC)
			sum := sha256.Sum256([]byte(id + it.GUID))
			s := story(fmt.Sprintf("%016x", sum)[:16], it, feeds.Translation{State: feeds.Waiting})
			title, text := english[plain(it.Title)], english[plain(sanitize.FirstBlock(it.Main()))]
			if title != "" {
				s.Translation = feeds.Translation{State: feeds.Done, Engine: "memory", At: it.When().Add(time.Hour),
					Text: feeds.Text{Lang: "en", Title: title}}
				if text != "" {
					s.Translation.Body = "<p>" + html.EscapeString(text) + "</p>"
				}
			}
			out = append(out, s)
		}
	}
	return where, out
}

// references returns the English texts of the sample feeds by the Arabic ones.
func references(t *testing.T, name string) map[string]string {
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string]string{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var r struct{ AR, EN string }
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		out[plain(html.EscapeString(r.AR))] = r.EN
	}
	return out
}

func plain(s string) string { return arabic.Fold(sanitize.Text(sanitize.Parse(s, ""))) }
