// Package render writes stories as the feeds of a channel: Atom, RSS and JSON Feed, each in three
// editions. They are written story by story, so that memory does not grow with the channel. It is the
// only user of gorilla/feeds.
package render

import (
	"regexp"
	"strings"

	"github.com/google/uuid"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// namespace is the UUID (RFC 9562, version 4) that all ids are made in. It never changes: readers know
// entries by these ids.
var namespace = uuid.MustParse("6e617368-7261-4d5f-9a1b-3f0c5d2e7b84")

// urn returns the id of a story in an edition of a channel; without a story, that of the edition
// itself.
func urn(story, channel string, e feeds.Edition) string {
	return "urn:uuid:" + uuid.NewSHA1(namespace, []byte(story+"\x00"+channel+"\x00"+string(e))).String()
}

// channelTitle returns the title of ch in the languages of e.
func channelTitle(ch feeds.Channel, e feeds.Edition) string {
	en, ar := feeds.OneLine(ch.Title["en"]), feeds.OneLine(ch.Title["ar"])
	switch {
	case en == "" && (ar == "" || e == feeds.English && arabic.Has(ar)):
		return feeds.OneLine(ch.ID)
	case ar == "" || e == feeds.English && en != "":
		return en
	case en == "" || e == feeds.Arabic:
		return ar
	}
	return en + " | " + arabic.Isolate(ar)
}

// maxNames limits the authors, and the categories, of an entry: no honest one has more.
const maxNames = 32

// names returns the names in list, each on one line and once, without empty ones.
func names(list []string) (out []string) {
	for _, s := range list {
		out = append(out, feeds.Shorten(feeds.OneLine(s), feeds.MaxTitle))
	}
	return feeds.UniqueNames(out)
}

// mediaTypes are RFC 6838's names, without parameters.
var mediaTypes = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*$`)

// encoded returns the files in list that have an address, with address and type as feeds must have
// them.
func encoded(list []feeds.Enclosure) (out []feeds.Enclosure) {
	for _, e := range list {
		if e.URL = feeds.URI(e.URL); e.URL != "" {
			if e.Type = feeds.OneLine(e.Type); !mediaTypes.MatchString(e.Type) {
				e.Type = ""
			}
			e.Length = max(0, e.Length)
			out = append(out, e)
		}
	}
	return out
}

// language returns the base of a BCP 47 tag.
func language(tag string) string {
	base, _, _ := strings.Cut(tag, "-")
	return strings.ToLower(base)
}
