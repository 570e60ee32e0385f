package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// budgetCommands are the script commands for budgets.
func budgetCommands(of func(ts *testscript.TestScript) *bench) map[string]func(ts *testscript.TestScript, neg bool,
	args []string) {
	return map[string]func(ts *testscript.TestScript, neg bool, args []string){
		// hundred FILE: writes a feed of a hundred different stories
		"hundred": func(ts *testscript.TestScript, _ bool, args []string) {
			file := ts.MkAbs(args[0])
			ts.Check(os.MkdirAll(filepath.Dir(file), 0o755))
			ts.Check(os.WriteFile(file, []byte(hundred()), 0o644))
		},
		// spent SERVICE LEAST MOST: checks the characters billed since the last check
		"spent": func(ts *testscript.TestScript, _ bool, args []string) {
			b := of(ts)
			got := b.fakes[args[0]].Billed() - b.billed[args[0]]
			b.billed[args[0]] += got
			least, err := strconv.ParseInt(args[1], 10, 64)
			ts.Check(err)
			most, err := strconv.ParseInt(args[2], 10, 64)
			ts.Check(err)
			if got < least || got > most {
				ts.Fatalf("%d characters were billed, want %d to %d", got, least, most)
			}
		},
		// story FILE: sets $STORY to the id of a JSON feed's first story
		"story": func(ts *testscript.TestScript, _ bool, args []string) {
			_, after, ok := strings.Cut(ts.ReadFile(args[0]), `"story": "`)
			if !ok {
				ts.Fatalf("%s has no story", args[0])
			}
			ts.Setenv("STORY", after[:16])
		},
		// newest FILE: checks that the translated entries of a JSON feed come first, and not all
		// are
		"newest": func(ts *testscript.TestScript, _ bool, args []string) {
			var feed struct {
				Items []struct {
					Nashra struct {
						Translation struct{ State string } `json:"translation"`
					} `json:"_nashra"`
				}
			}
			ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &feed))
			var states []string
			for _, it := range feed.Items {
				states = append(states, it.Nashra.Translation.State)
			}
			all := strings.Join(states, " ")
			if !strings.HasPrefix(all, "partial ") || !strings.HasSuffix(all, " waiting") ||
				strings.Contains(all, "waiting partial") {
				ts.Fatalf("states of the entries, newest first: %s", all)
			}
		},
	}
}

var newsWords = strings.Fields(`
	شركة هاتف شاشة بطارية كاميرا معالج ذاكرة شبكة قمر صناعي روبوت سيارة كهربائية منصة تطبيق متجر لعبة
	ساعة نظارة
	حاسوب خادم سحابة رقاقة مصنع جامعة مختبر باحث مهندس مستخدم مطور إصدار تحديث ثغرة هجوم حماية تشفير دفع
	محفظة عملة بورصة سهم
	استثمار تمويل صفقة شراكة مؤتمر معرض مدينة الرياض القاهرة دبي الدوحة الكويت مسقط عمان بيروت تونس الرباط الجزائر`)

// hundred returns an RSS feed of a hundred stories, newest first.
func hundred() string {
	r := rand.New(rand.NewPCG(7, 7))
	words := func(n int) string {
		var out []string
		for range n {
			out = append(out, newsWords[r.IntN(len(newsWords))])
		}
		return strings.Join(out, " ")
	}
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>مئة خبر</title><link>https://hundred.example/</link>`)
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for i := range 100 {
		fmt.Fprintf(&b, "<item><title>%s "+
			"%d</title><link>https://hundred.example/%d</link><guid>%d</guid><pubDate>%s</pubDate>"+
			"<description>&lt;p&gt;%s بقيمة %d.&lt;/p&gt;&lt;p&gt;%s في %d.&lt;/p&gt;</description></item>", words(5),
			1000+i, i, i,
			at.Add(-time.Duration(i)*time.Hour).Format(time.RFC1123), words(25), r.IntN(1e6), words(25), r.IntN(1e6))
	}
	b.WriteString("</channel></rss>")
	return b.String()
}
