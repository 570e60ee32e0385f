package segment

import (
	"slices"
	"testing"
)

func TestSpacePutsLostBlanksBack(t *testing.T) {
	for _, c := range [][3]string{
		{"اقرأ <g1>التقرير الكامل</g1> الآن", "Read<g1>the full report</g1>now", "Read <g1>the full report</g1> now"},
		{"اقرأ <g1>التقرير</g1> <g2>الكامل</g2> الآن", "Read the<g2>full</g2><g1>report</g1>now",
			"Read the <g2>full</g2> <g1>report</g1> now"},
		{"عن <g1>آبل</g1> و<g2>سامسونج</g2>", "about<g1>Apple</g1>and<g2>Samsung</g2>",
			"about <g1>Apple</g1> and <g2>Samsung</g2>"},
		{"اضغط <x1/> للمتابعة", "Press<x1/>to continue", "Press <x1/> to continue"},
		{"من <g1>آبل</g1> الآن", `by<g1>"Apple"</g1>now, by<g1>(Apple)</g1>now`,
			`by <g1>"Apple"</g1> now, by <g1>(Apple)</g1> now`},
		{"قال <g1>كوك</g1>. أضاف", "said <g1>Cook.</g1>He added", "said <g1>Cook.</g1> He added"},
		{"شركة <g1>آبل</g1>، قالت", `firm<g1>"Apple</g1>"said, <g1>Apple</g1>said`,
			`firm <g1>"Apple</g1>" said, <g1>Apple</g1> said`},
		{"التربس (<g1>F. occidentalis</g1>) هنا", "thrips<g1>(F. occidentalis</g1>) here",
			"thrips <g1>(F. occidentalis</g1>) here"},
		{"خطة '<g1>أساسية</g1>' هنا", "your<g1>'Basic</g1>' plan", "your <g1>'Basic</g1>' plan"},
		// as right as they stand
		{"هواتف <g1>آيفون</g1> الجديدة", "new <g1>iPhone</g1>s", "new <g1>iPhone</g1>s"},
		{"شركة <g1>آبل</g1> الأمريكية", "<g1>Apple</g1>'s <g2>U.S.</g2>-made", "<g1>Apple</g1>'s <g2>U.S.</g2>-made"},
		{"موقع <g1>ديب</g1><g2>سيك</g2>", "<g1>Deep</g1><g2>Seek</g2>", "<g1>Deep</g1><g2>Seek</g2>"},
		{"شاهد <g1>الفيديو</g1>", "watch the <g1>vid</g1>eo", "watch the <g1>vid</g1>eo"},
		{"النتائج<g1>[15]</g1> هنا", "results<g1>[15]</g1> here", "results<g1>[15]</g1> here"},
		{"رمز [embed]<x1/>[/embed]", "code [embed]<x1/>[/embed]", "code [embed]<x1/>[/embed]"},
		{"شاشة<x1/>بطارية", "screen<x1/>battery", "screen<x1/>battery"},
		{"شركة <g1>AT&amp;T</g1> الأمريكية", "<g1>AT&amp;</g1>T", "<g1>AT&amp;</g1>T"},
	} {
		if got := Space(c[0], c[1]); got != c[2] {
			t.Errorf("Space(%q, %q) = %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

func TestInPlace(t *testing.T) {
	s := Segment{Breaks: []int{1, 2}, Words: map[int]string{3: "Enter", 6: "Tab"}}
	for _, c := range []struct {
		source, target string
		want           bool
	}{
		{"أ<x1/>ب<x2/>ج", "a<x1/>b<x2/>c", true},
		{"أ<x1/>ب<x2/>ج", "a, b, c<x1/><x2/>", false},
		{"أ<x1/>ب<x2/>ج", "<x1/>a<x2/>b c", false},
		{"أ<x1/><g4>ب</g4><x2/>ج", "a<x2/><g4>b</g4><x1/>c", true},
		{"أ<x1/><x5/><x2/>ج", "a<x1/><x5/><x2/>c", true},
		{"اضغط <x3/> للمتابعة", "Press <x3/> to continue", true},
		{"اضغط <x3/> للمتابعة", "To continue, press <x3/>", true},
		{"الأمر <x3/> يعرضها", "<x3/> shows them", true},
		{"اضغط <x3/> للمتابعة", "<x3/> Press to continue", false},
		{"اضغط <x3/> ثم واصل", "Press, then continue. <x3/>", false},
		{"اضغط <x3/> ثم واصل", "Press, then continue <x3/>", false},
		{"اضغط <x3/> ثم <x6/> وواصل", "Press, then and continue with <x3/> <x6/>", false},
		{"اضغط <x3/> و<x6/> معا", "Press <x3/>, <x6/> together", true},
		{"اضغط <x3/> للمتابعة", "Press to continue", false},
		{"<x3/> هو الزر", "<x3/> Is the key", true},
		{"اضغط Enter للمتابعة", "Press Enter to continue", true},
		{"اضغط Enter للمتابعة", "Press to continue", false},
	} {
		if got := s.InPlace(c.source, c.target); got != c.want {
			t.Errorf("InPlace(%q, %q) = %v", c.source, c.target, got)
		}
	}
}

func TestCodeTravelsAsText(t *testing.T) {
	s := parse(t, `<p>اكتب <b>الأمر</b> <code>ls</code> ثم <code>a &lt; b</code><br>`+
		`واقرأ https://a.example/ بعده</p>`).segs[0]
	plain := s.Plain(s.Text)
	if want := "اكتب الأمر ls ثم a &lt; b<x4/>واقرأ https://a.example/ بعده"; plain != want {
		t.Fatalf("plain: %q, want %q", plain, want)
	}
	lines, breaks := s.Lines(plain)
	if want := []string{"اكتب الأمر ls ثم a &lt; b", "واقرأ https://a.example/ بعده"}; !slices.Equal(lines, want) ||
		!slices.Equal(breaks, []string{"<x4/>"}) {
		t.Errorf("lines: %q, %q", lines, breaks)
	}
	got := s.Restore("Use tools: ls and a &lt; b<x4/>then read https://a.example/ and ls")
	if want := "Use tools: <x2/> and <x3/><x4/>then read <x5/> and ls"; got != want {
		t.Errorf("restored: %q, want %q", got, want)
	}
}

func TestRepairDropsWhatHasNoEnd(t *testing.T) {
	s := Segment{Links: []int{1}}
	for _, c := range []struct {
		source, target, want string
		ok                   bool
	}{
		{"شاهد <g1>الفيديو</g1> الآن", "Watch <g1>the video now", "", false},
		{"شاهد <g1>الفيديو</g1>.", "Watch <g1>the video.", "Watch <g1>the video.</g1>", true},
		{"شاهد <g2>الفيديو</g2> الآن", "Watch <g2>the video now", "Watch the video now", true},
	} {
		if got, ok := s.Repair(c.source, c.target); got != c.want || ok != c.ok {
			t.Errorf("Repair(%q, %q) = %q, %v, want %q", c.source, c.target, got, ok, c.want)
		}
	}
}
