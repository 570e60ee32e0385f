package feeds

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/nashra/nashra/translate/arabic"
)

// Title is the name of a source in English and in Arabic. Either may be empty.
type Title struct {
	EN string `yaml:"en,omitempty" json:"en,omitempty"`
	AR string `yaml:"ar,omitempty" json:"ar,omitempty"`
}

// NewTitle returns the Title that one name gives: a name with Arabic letters is Arabic, any other serves
// both languages.
func NewTitle(name string) Title {
	if arabic.Has(name) {
		return Title{AR: name}
	}
	return Title{name, name}
}

// Or returns t with the names that it lacks taken from other.
func (t Title) Or(other Title) Title { return Title{cmp.Or(t.EN, other.EN), cmp.Or(t.AR, other.AR)} }

// Plain returns the one name that NewTitle makes t from; ok is false if there is none.
func (t Title) Plain() (name string, ok bool) {
	name = cmp.Or(t.AR, t.EN)
	return name, NewTitle(name) == t
}

// In returns the name in the language of an edition, else the other one. The bilingual edition has the
// English name.
func (t Title) In(e Edition) string {
	if e == Arabic {
		return cmp.Or(t.AR, t.EN)
	}
	return cmp.Or(t.EN, t.AR)
}

// Name returns what an edition calls s. In the English one, without an English title, the host of its
// site stands in, else that of its address, unless that is private.
func (s Source) Name(e Edition) string {
	title := s.Title.In(e)
	if e == English && s.Title.EN == "" {
		title = hostOf(s.Site)
		if title == "" && !s.Private {
			title = hostOf(s.URL)
		}
	}
	return cmp.Or(OneLine(title), s.ID)
}

// hostOf returns the host of an address without "www."; empty if it has none.
func hostOf(address string) string {
	u, err := url.Parse(URI(address))
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
}
