package translate

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// said is an engine that records what it is sent and answers by a function.
type said struct {
	sent []string
	say  func(string) string
}

func (s *said) ID() Identity { return Identity{Engine: "said"} }
func (s *said) Limits() Limits {
	return Limits{Segments: 9, Size: 9999, Codec: Tagged, Free: true, Sentences: true}
}
func (s *said) Translate(_ context.Context, r Request) (Response, error) {
	s.sent = append(s.sent, r.Segments...)
	var out Response
	for _, x := range r.Segments {
		out.Texts = append(out.Texts, s.say(x))
	}
	return out, nil
}

func TestSentences(t *testing.T) {
	for name, tc := range map[string]struct {
		text  string
		codec Codec
		role  Role
		want  []string
	}{
		"one": {"أعلنت الشركة عن هاتف.", Plain, Body, []string{"أعلنت الشركة عن هاتف."}},
		"Arabic marks": {"هل سيصل؟ نعم! وصل أمس. انتهى", Plain, Body,
			[]string{"هل سيصل؟", "نعم!", "وصل أمس.", "انتهى"}},
		"a doctor": {"قال د. أحمد إن أ. د. سمير وصل. ثم غادر.", Plain, Body,
			[]string{"قال د. أحمد إن أ. د. سمير وصل.", "ثم غادر."}},
		"a firm": {"استحوذت Foo Inc. على الشركة. وانتهى.", Plain, Body,
			[]string{"استحوذت Foo Inc. على الشركة.", "وانتهى."}},
		"money": {"بلغ 35 د.ك. شهريا و10 ر.س. يوميا.", Plain, Body,
			[]string{"بلغ 35 د.ك. شهريا و10 ر.س. يوميا."}},
		"numbers": {"الإصدار 18.3.1 بسعر 3.5 دولار. صدر.", Plain, Body,
			[]string{"الإصدار 18.3.1 بسعر 3.5 دولار.", "صدر."}},
		"initials": {"كتب J. R. Tolkien الرواية. حسنا.", Plain, Body,
			[]string{"كتب J. R. Tolkien الرواية.", "حسنا."}},
		"quotes": {"قال: «انتهى العمل.» ثم مضى. وعاد.", Plain, Body,
			[]string{"قال: «انتهى العمل.»", "ثم مضى.", "وعاد."}},
		"a headline": {"وصل الهاتف. هل تشتريه؟", Plain, Title, []string{"وصل الهاتف. هل تشتريه؟"}},
		"lines":      {"سطر أول\nسطر ثان", Plain, Body, []string{"سطر أول", "سطر ثان"}},
		"codes": {"نص <g1>أول</g1>. نص <x2/> ثان.", Tagged, Body,
			[]string{"نص <g1>أول</g1>.", "نص <x2/> ثان."}},
		"an end within a pair": {"نص <g1>أول. نص ثان</g1> هنا. وثالث.", Tagged, Body,
			[]string{"نص <g1>أول. نص ثان</g1> هنا.", "وثالث."}},
		"an end at a pair's end": {"<g1>نص أول.</g1> <g2>نص ثان.</g2>", Tagged, Body,
			[]string{"<g1>نص أول.</g1>", "<g2>نص ثان.</g2>"}},
		"brackets that are no codes": {"نص <g1>أول</g1>. نص ثان.", Plain, Body,
			[]string{"نص <g1>أول</g1>.", "نص ثان."}},
	} {
		t.Run(name, func(t *testing.T) {
			e := &said{say: func(s string) string { return s }}
			res, err := bySentence{e}.Translate(t.Context(),
				Request{Role: tc.role, Codec: tc.codec, Segments: []string{tc.text, "آخر"}})
			if err != nil || !slices.Equal(e.sent, append(tc.want, "آخر")) {
				t.Fatalf("sent %q, want %q; %v", e.sent, tc.want, err)
			}
			if got := res.Texts; len(got) != 2 || got[0] != tc.text {
				t.Errorf("came back as %q", got)
			}
		})
	}
}

// A sentence of forty words and more is cut where an independent clause starts, and joined by a
// comma.
func TestLongSentences(t *testing.T) {
	clause := func(first string, n int) string { return first + strings.Repeat(" كلمة", n-1) }
	text := clause("أعلنت", 25) + "، " + clause("وقالت", 15) + "، " + clause("سامسونج", 5) + "، " +
		clause("بينما", 30) + "."
	e := &said{say: func(s string) string {
		if strings.HasPrefix(s, "بينما") {
			return "While others wait."
		}
		return "It said so."
	}}
	res, err := bySentence{e}.Translate(t.Context(), Request{Role: Body, Segments: []string{text}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{clause("أعلنت", 25) + "،", clause("وقالت", 15) + "، " + clause("سامسونج", 5) + "،",
		clause("بينما", 30) + "."}
	if !slices.Equal(e.sent, want) {
		t.Errorf("sent %q", e.sent)
	}
	if got := res.Texts[0]; got != "It said so, it said so, while others wait." {
		t.Errorf("joined: %q", got)
	}
	for name, whole := range map[string]string{
		"within brackets": clause("أعلنت", 12) + " (" + clause("أولا", 12) + "، " + clause("وقالت", 12) + ") " +
			clause("ثم", 12),
		"no new clause": clause("أعلنت", 25) + "، " + clause("سامسونج", 25),
		"a word of و":   clause("أعلنت", 25) + "، وات " + clause("ساب", 25),
	} {
		if got := clauses(whole, Plain, Body); len(got) != 1 {
			t.Errorf("%s: cut in %d", name, len(got))
		}
	}
}

// A segment with a missing sentence is left out: no half paragraph is published.
func TestSentenceLeftOut(t *testing.T) {
	e := &said{say: func(s string) string {
		if strings.HasPrefix(s, "ثان") {
			return ""
		}
		return s
	}}
	res, err := bySentence{e}.Translate(t.Context(),
		Request{Role: Body, Segments: []string{"أول. ثان. ثالث.", "رابع."}})
	if err != nil || res.Texts[0] != "" || res.Texts[1] != "رابع." {
		t.Errorf("%q, %v", res.Texts, err)
	}
}

func FuzzClauses(f *testing.F) {
	f.Add("نص <g1>أول. نص</g1> ثان؟ «قال.» د. أحمد، وقالت <x2/>\nسطر", true)
	f.Fuzz(func(t *testing.T, s string, codes bool) {
		codec := Plain
		if codes {
			codec = Tagged
		}
		var all []string
		for _, c := range clauses(s, codec, Body) {
			all = append(all, c.text)
		}
		squeeze := func(x string) string { return strings.Join(strings.Fields(x), "") }
		if got, want := squeeze(strings.Join(all, " ")), squeeze(s); got != want {
			t.Fatalf("%q is cut to %q", s, all)
		}
	})
}
