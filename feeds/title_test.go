package feeds

import "testing"

func TestEditionsCallASourceByItsNameInTheirLanguage(t *testing.T) {
	const secret = "https://user:hunter2@secret.example/feed"
	for name, c := range map[string]struct {
		source            Source
		bilingual, en, ar string
	}{
		"both names": {Source{Title: Title{"AITnews", "البوابة"}, Site: "https://a.example/"},
			"AITnews", "AITnews", "البوابة"},
		"one Latin name serves both": {Source{Title: NewTitle("IGN")}, "IGN", "IGN", "IGN"},
		"the site's host stands in": {Source{Title: NewTitle("عالم IT"), Site: "https://WWW.a.example:8080/x",
			URL: "https://feeds.example/a"}, "عالم IT", "a.example", "عالم IT"},
		"the address's host, without a site": {Source{Title: NewTitle("تقني"), URL: "https://feeds.example/a"},
			"تقني", "feeds.example", "تقني"},
		"a private address is not shown": {Source{ID: "own", Title: NewTitle("تقني"), URL: secret, Private: true},
			"تقني", "own", "تقني"},
		"a private source's site": {Source{ID: "own", Title: NewTitle("تقني"), URL: secret, Private: true,
			Site: "https://a.example/"}, "تقني", "a.example", "تقني"},
		"no name": {Source{ID: "own", URL: "https://a.example/"}, "own", "a.example", "own"},
		"a host in Arabic": {Source{Title: NewTitle("تقني"), Site: "https://موقع.example/"}, "تقني",
			"xn--4gbrim.example", "تقني"},
		"English alone":         {Source{Title: Title{EN: "Wire"}}, "Wire", "Wire", "Wire"},
		"controls are left out": {Source{Title: Title{"A\u202e\nB", "أ"}}, "A B", "A B", "أ"},
	} {
		if got := c.source.Name(Bilingual); got != c.bilingual {
			t.Errorf("%s: the bilingual edition says %q, want %q", name, got, c.bilingual)
		}
		if got := c.source.Name(English); got != c.en {
			t.Errorf("%s: the English edition says %q, want %q", name, got, c.en)
		}
		if got := c.source.Name(Arabic); got != c.ar {
			t.Errorf("%s: the Arabic edition says %q, want %q", name, got, c.ar)
		}
	}
}

func TestTheFeedsOwnTitleFillsWhatTheConfigLeavesOut(t *testing.T) {
	for _, c := range []struct{ config, own, want Title }{
		{Title{}, NewTitle("تقني"), Title{AR: "تقني"}},
		{NewTitle("تقني"), NewTitle("Tiqani"), Title{"Tiqani", "تقني"}},
		{NewTitle("Tiqani"), NewTitle("تقني"), Title{"Tiqani", "Tiqani"}},
		{Title{EN: "Tiqani"}, NewTitle("تقني"), Title{"Tiqani", "تقني"}},
	} {
		if got := c.config.Or(c.own); got != c.want {
			t.Errorf("%+v with the feed's own %+v: %+v, want %+v", c.config, c.own, got, c.want)
		}
	}
}
