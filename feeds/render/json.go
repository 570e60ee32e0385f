package render

import (
	"cmp"
	"strings"
	"time"

	gorilla "github.com/gorilla/feeds"
	"golang.org/x/net/html"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
)

// JSON Feed 1.1 with what gorilla's types lack: an item's language, an attachment's size, and _nashra.
type (
	jsonFeed struct {
		*gorilla.JSONFeed
		Nashra jsonAbout  `json:"_nashra"`
		Items  []jsonItem `json:"items"` // in place of the embedded ones
	}
	jsonAbout struct {
		Version int    `json:"version"`
		About   string `json:"about"` // for people, as JSON Feed 1.1 has it for extensions
	}
	jsonItem struct {
		*gorilla.JSONItem
		Attachments []jsonFile  `json:"attachments,omitempty"` // in place of the embedded ones
		Language    string      `json:"language,omitempty"`
		Nashra      *jsonNashra `json:"_nashra,omitempty"`
	}
	jsonFile struct {
		URL    string `json:"url"`
		Type   string `json:"mime_type"`
		Length int64  `json:"size_in_bytes,omitempty"`
	}
	jsonNashra struct {
		Story       string              `json:"story"`
		Original    string              `json:"original"` // a key of Texts
		Texts       map[string]jsonText `json:"texts"`    // by language
		Sources     []jsonMember        `json:"sources"`
		Related     []jsonMember        `json:"related"`
		Outlets     []string            `json:"outlets"`
		Reports     int                 `json:"reports"`
		Translation jsonTranslation     `json:"translation"`
	}
	jsonMember struct {
		ID        string     `json:"id"`
		Title     string     `json:"title"`
		TitleAR   string     `json:"title_ar,omitempty"` // in the bilingual edition
		URL       string     `json:"url,omitempty"`
		ItemTitle string     `json:"item_title"`
		Published *time.Time `json:"published,omitempty"`
		Kind      feeds.Kind `json:"kind"`
		Bulletin  bool       `json:"bulletin,omitempty"` // another nashra, whose own sources follow
	}
	jsonText struct {
		Title   string `json:"title,omitempty"`
		Content string `json:"content_html,omitempty"`
		Summary string `json:"summary_html,omitempty"` // instead of Content: only the beginning is known
	}
	jsonTranslation struct {
		Engine string        `json:"engine,omitempty"`
		Model  string        `json:"model,omitempty"`
		At     *time.Time    `json:"at,omitempty"`
		State  feeds.State   `json:"state"`
		Doubts []feeds.Doubt `json:"doubts,omitempty"`
	}
)

func (p *feed) json() jsonFeed {
	f := jsonFeed{
		JSONFeed: &gorilla.JSONFeed{
			Version: "https://jsonfeed.org/version/1.1", Title: p.title, Language: p.lang, FeedUrl: p.self(),
			Icon: address(p.site, feeds.IconPath), Favicon: address(p.site, feeds.IconPath),
			Authors: []*gorilla.JSONAuthor{{Name: generator, Url: home}},
		},
		Nashra: jsonAbout{nashraVersion, home + "/blob/main/docs/json.md"},
		Items:  []jsonItem{},
	}
	if p.site.URL != "" {
		f.HomePageUrl = p.homePage()
		if hub := feeds.URI(p.site.Hub); hub != "" {
			f.Hubs = []*gorilla.JSONHub{{Type: "WebSub", Url: hub}}
		}
	}
	return f
}

func (x *entry) json() any {
	it := &gorilla.JSONItem{
		Id: x.id, Url: x.link, ExternalUrl: x.via,
		Title: x.title, ContentHTML: x.content, Summary: x.summary, Image: x.image,
		PublishedDate: &x.published, ModifiedDate: &x.updated, Tags: x.categories,
	}
	for _, name := range x.authors {
		it.Authors = append(it.Authors, &gorilla.JSONAuthor{Name: name})
	}
	var files []jsonFile
	for _, e := range x.enclosures {
		files = append(files, jsonFile{e.URL, cmp.Or(e.Type, unknownType), e.Length})
	}
	if len(x.story.Items) == 0 { // a digest is of many
		return jsonItem{it, files, x.lang, nil}
	}
	t := x.story.Translation
	original := cmp.Or(x.story.Lang, unknownLang)
	n := &jsonNashra{Story: x.story.ID, Original: original, Texts: x.texts(original),
		Sources: x.members(x.story.Items), Related: x.members(x.linked()), Outlets: x.publishers, Reports: x.reports,
		Translation: jsonTranslation{Engine: feeds.OneLine(t.Engine), Model: feeds.OneLine(t.Model),
			State: cmp.Or(t.State, feeds.None), Doubts: t.Doubts()}}
	if t.Engine != "" {
		at := t.At.UTC()
		n.Translation.At = &at
	}
	return jsonItem{it, files, x.lang, n}
}

// nashraVersion is raised when a value of _nashra means something else than before. New values do not raise it.
const nashraVersion = 1

// unknownLang is the language of texts whose language is not known (BCP 47, ISO 639-2).
const unknownLang = "und"

// texts returns the texts of the story by language, in those of the edition: the original, and its translation.
func (x *entry) texts(original string) map[string]jsonText {
	text := func(title string, body *html.Node, abridged bool) jsonText {
		content := once(x.sources, body, func() string {
			body := clone(body)
			if x.site.NoImages {
				sanitize.LinkPictures(body, feeds.Picture(x.story.Lang))
			}
			return feeds.Legal(sanitize.Render(body))
		})
		if abridged {
			return jsonText{Title: title, Summary: content}
		}
		return jsonText{Title: title, Content: content}
	}
	abridged, out := x.story.Body == "", map[string]jsonText{}
	if x.showsEnglish() {
		out[cmp.Or(x.story.Translation.Lang, unknownLang)] = text(x.english, x.translation, abridged)
	}
	if x.edition != feeds.English || len(out) == 0 {
		out[original] = text(x.headline, x.original, abridged)
	}
	return out
}

// members returns list as the members of a story in JSON.
func (l layout) members(list []feeds.Member) []jsonMember {
	out := []jsonMember{}
	for _, m := range list {
		j := jsonMember{
			ID:        m.SourceID,
			Title:     l.outlet(m.SourceID).name,
			ItemTitle: headline(m.Title),
			Kind:      m.Kind,
			Bulletin:  l.site.Sources[m.SourceID].Trusted(),
		}
		if l.edition == feeds.Bilingual {
			j.TitleAR = feeds.OneLine(l.site.Source(m.SourceID).Title.AR)
		}
		if l.uri(m.URL) != "" { // as its source gave it, letters and all
			j.URL = feeds.Legal(strings.TrimSpace(m.URL))
		}
		if !m.Published.IsZero() {
			at := m.Published.UTC()
			j.Published = &at
		}
		out = append(out, j)
	}
	return out
}
