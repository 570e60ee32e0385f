package aggregator_test

import (
	"strings"
	"testing"
	"time"
)

const evilText = "اشتر الآن ساعة ذهبية بخصم كبير جدا من متجرنا الإلكتروني ولا تفوت هذه الفرصة النادرة التي تنتهي " +
	"اليوم مع توصيل مجاني لكل المدن."

// A source that uses another's guids and addresses changes and hides nothing of the other's: its
// own items become stories of their own.
func TestASourceTouchesNobodyElsesItems(t *testing.T) {
	good := rss(article("1", "OpenAI تكشف نموذجا جديدا بكلفة أقل", firstText, secondText))
	evil := rss(article("1", "عرض خاص على الساعات الذهبية", evilText, evilText))
	entry := func(json, holds string) string {
		for _, part := range strings.Split(json, `"id": "`)[1:] {
			if strings.Contains(part, holds) {
				id, _, _ := strings.Cut(part, `"`)
				return id
			}
		}
		return ""
	}
	alone := newRig(t, map[string]string{"/good": good})
	alone.pass(t)
	id := entry(alone.files(t)["feed.ar.json"], "بنسبة 63%")
	if id == "" {
		t.Fatal("the item is not published")
	}
	for name, order := range map[string][]string{"after it": {"good", "evil"}, "before it": {"evil", "good"},
		"together": {"both"}} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, map[string]string{"/good": rss(), "/evil": rss()})
			for _, who := range append(order, "edit") {
				r.time = r.time.Add(time.Hour)
				if who == "good" || who == "both" {
					r.pages["/good"] = good
				}
				if who == "evil" || who == "both" {
					r.pages["/evil"] = evil
				}
				if who == "edit" {
					r.pages["/evil"] = strings.Replace(evil, "عرض خاص", "عرض آخر", 1)
				}
				r.pass(t)
			}
			shown := r.files(t)["feed.ar.json"]
			if got := entry(shown, "بنسبة 63%"); got != id {
				t.Errorf("the other's item has the id %q, alone it has %q\n%s", got, id, shown)
			}
			for _, part := range strings.Split(shown, `"id": "`)[1:] {
				if strings.Contains(part, "OpenAI") && strings.Contains(part, "الذهبية") &&
					!strings.Contains(part, "also in") {
					t.Errorf("words of both in one entry: %s", part)
				}
			}
			if !strings.Contains(shown, "عرض آخر") {
				t.Error("a source's edit of its own item is not shown")
			}
		})
	}
}
