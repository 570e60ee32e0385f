package render

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/nashra/nashra/feeds"
)

// With images off, no reader that shows a feed asks a third party for a picture: pictures are links,
// and files of sound and video stay.
func TestNoPictures(t *testing.T) {
	site, ch, stories := shelf()
	stories[0].Items[0].Enclosures = []feeds.Enclosure{
		{URL: "https://tiqani.example/e.jpg", Type: "image/jpeg"}, {URL: "https://tiqani.example/e.PNG?w=1"},
		{URL: "https://tiqani.example/e.mp3", Type: "audio/mpeg"}, {URL: "https://tiqani.example/e.pdf"}}
	asks := []string{"<img", "&lt;img", "media:thumbnail", `medium="image"`, `"image":`, `"banner_image":`, "e.jpg",
		"e.PNG"}
	for _, off := range []bool{false, true} {
		site.NoImages = off
		for _, layout := range []string{"blocks", "interleaved"} {
			ch.Layout = layout
			for name, b := range nineFiles(t, site, ch, stories) {
				found := slices.DeleteFunc(slices.Clone(asks), func(s string) bool {
					return !bytes.Contains(b.Bytes(), []byte(s))
				})
				if off == (len(found) > 0) {
					t.Errorf("%s, %s, images off: %v: found %q", name, layout, off, found)
				}
				for _, kept := range []string{"https://tiqani.example/a.jpg", "e.mp3"} {
					if !strings.Contains(b.String(), kept) {
						t.Errorf("%s, %s: %s is gone", name, layout, kept)
					}
				}
			}
		}
	}
}
