package feeds

import (
	"cmp"

	"github.com/nashra/nashra/translate/arabic"
)

// Author returns what an edition calls an author of a source: the English one has Arabic names in Latin letters,
// and bylines that name no person, such as فريق التحرير, by Terms.
func (s Site) Author(name, source string, e Edition) string {
	switch {
	case e != English || !arabic.Has(name):
		return name
	case OneLine(name) == OneLine(s.Sources[source].Title.AR):
		return s.Sources[source].Name(e)
	}
	return cmp.Or(s.Terms[name], arabic.Romanize(Shorten(name, MaxTitle)))
}

// Category returns what an edition calls a category: all but the Arabic one by Terms. It is empty for an Arabic
// category that the English edition leaves out.
func (s Site) Category(name string, e Edition) string {
	en := s.Terms[name]
	switch {
	case e == Arabic:
		return name
	case e == English && en == "" && arabic.Has(name):
		return ""
	}
	return cmp.Or(en, name)
}
