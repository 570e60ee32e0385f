package arabic

import (
	"testing"
	"unicode/utf8"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"":             "",
		"أَخْبَار":     "اخبار",
		"تــحــديــث":  "تحديث",
		"ﻫﻮﺍﻭﻱ ﺗﻜﺸﻒ":   "هواوي تكشف",
		"١٦٬٠٠٠ شريحة": "16000 شريحه",
		"16,000":       "16000",
		"2,5 و 1,2345": "2 5 و 1 2345",
		"٢٫٥٪":         "2.5%",
		"«ديب سيك» الصينية، تُربك!":  "ديب سيك الصينيه تربك",
		"GPT-4 وiOS 18.3.1.":         "gpt-4 وios 18.3.1",
		"على مستوى":                  "علي مستوي",
		"مسؤول شاطئ":                 "مسوول شاطي",
		"\u202bآبل\u202c \u200fتطلق": "ابل تطلق",
		"  a  —  b  ":                "a b",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestProse(t *testing.T) {
	for s, want := range map[string]bool{"بيت من الشعر\nوبيت آخر": true, "تحديث (DeepSeek) البرنامج": true, "": false,
		"print(\"مرحبا بالعالم كله\")": false, "س = عدد؛ // المحاولات": false, "sudo apt update نظام": false} {
		if Prose(s) != want {
			t.Errorf("Prose(%q) = %v", s, !want)
		}
	}
}

func TestIsolateLeavesOnePair(t *testing.T) {
	if got, want := Isolate("\u202eآبل\u2069 تطلق"), RLI+"آبل تطلق"+PDI; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"أهلًا", "GPT-4", "\xff", "١٬٠٠٠", "a\u0301", "ﷺ", "0Ɓ.00", "\xf5և"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Fold(s)
		if !utf8.ValidString(once) {
			t.Fatalf("Fold(%q) = %q is not UTF-8", s, once)
		}
		if twice := Fold(once); twice != once {
			t.Fatalf("Fold(%q) = %q, folded again %q", s, once, twice)
		}
	})
}

func TestRunesAreDecodedAsByPackageUTF8(t *testing.T) {
	texts := []string{"\x80", "\xC1\x80", "\xC2", "\xD9", "\xD9a", "\xD9\xD9", "\xDF\xBF", "\xE0\x80\x80", "\xFF"}
	for r := range rune(0x10FFFF) {
		texts = append(texts, string(r)+"ب")
	}
	for _, s := range texts {
		r, n := decode(s)
		if wantRune, want := utf8.DecodeRuneInString(s); r != wantRune || n != want {
			t.Fatalf("%q: %q of %d bytes, want %q of %d", s, r, n, wantRune, want)
		}
	}
}
