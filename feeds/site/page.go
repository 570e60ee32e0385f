package site

import (
	"bytes"
	"crypto/sha256"
	"embed" // the templates and the stylesheet
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

var (
	//go:embed templates/*.html
	templateFiles embed.FS
	//go:embed style.css
	style string

	styleHash = sync.OnceValue(func() string {
		sum := sha256.Sum256([]byte(style))
		return base64.StdEncoding.EncodeToString(sum[:])
	})
)

// kind is a kind of page. To add one: write templates/KIND.html, which defines "main" for the page's
// content and may use what entry.html defines, add KIND here, and add a method to Book that calls
// page, sets Title, Content and what else differs, and calls write with KIND.
type kind string

const (
	indexKind  kind = "index"
	listKind   kind = "list"
	storyKind  kind = "story"
	digestKind kind = "digest"
	searchKind kind = "search"
	errorKind  kind = "error"
)

var kinds = []kind{indexKind, listKind, storyKind, digestKind, searchKind, errorKind}

// templates holds the template of each kind of page in each edition, made when it is first used.
var templates = func() map[kind]map[feeds.Edition]func() *template.Template {
	out := map[kind]map[feeds.Edition]func() *template.Template{}
	for _, k := range kinds {
		out[k] = map[feeds.Edition]func() *template.Template{}
		for _, e := range feeds.Editions {
			out[k][e] = sync.OnceValue(func() *template.Template {
				words := template.FuncMap{"t": word(frameLang(e)), "both": both(e),
					"say":    func(lang, english string) (string, error) { return word(lang)(english) },
					"footer": func() string { return footer },
					"speaks": func(lang string) bool { return e == feeds.Bilingual || lang == string(e) }}
				return template.Must(template.New("").Funcs(words).ParseFS(templateFiles,
					"templates/frame.html", "templates/entry.html", "templates/"+string(k)+".html"))
			})
		}
	}
	return out
}()

// page is what the frame shows of every page. Content is what the template of its kind shows.
type page struct {
	shared     *shared
	Kind       kind
	Edition    feeds.Edition
	Path       string // in the publish folder, without the edition
	Root       string // leads from the page to the publish folder
	Lang, Dir  string // of the frame's words
	Title      string // plain text, for the window
	Meta       meta
	Name       []phrase    // of the whole site, one for each language of the edition
	Alternates []alternate // this page in all editions; nil: there is only this page
	Nav        []navLink
	Channels   []channel     // to subscribe to
	Follow     []link        // feeds of what the page shows alone
	Search     template.HTML // a search box, or the mark that the server replaces with one
	Style      template.CSS
	Policy     template.HTMLAttr
	Paired     bool // something is shown in two languages side by side
	Content    any
}

// phrase is a few words of one language. Lang is empty if it is unknown.
type phrase struct{ Lang, Dir, Text string }

// page returns the page of an edition at that path, which does not name the edition.
func (b *Book) page(e feeds.Edition, path string) page {
	return b.pageFrom(e, path, rootOf(feeds.PagePath(e, path)))
}

// pageFrom is page where root leads to the publish folder.
func (b *Book) pageFrom(e feeds.Edition, path, root string) page {
	p := page{shared: b.shared, Edition: e, Path: path, Root: root, Lang: frameLang(e), Name: b.name(e),
		Search: noSearch, Style: template.CSS(style), Policy: policyContent(b.where.Small()),
		Meta: meta{Kind: "website", Address: b.address(feeds.PagePath(e, path))}}
	if b.where.Index {
		p.Meta.Canonical = p.Meta.Address
	}
	p.Dir, p.Title = arabic.Dir(p.Lang), oneLine(p.Name)
	p.Alternates, p.Nav = p.alternates(), b.nav(p)
	for _, ch := range b.channels {
		p.Channels = append(p.Channels, newChannel(ch, p))
	}
	return p
}

// rootOf returns what leads from the file of that name to the publish folder.
func rootOf(name string) string { return strings.Repeat("../", strings.Count(name, "/")) }

// Top reports whether p is the index, whose heading is the name of the site.
func (p page) Top() bool { return p.Path == IndexPath }

// Site returns the name of the whole site on one line.
func (p page) Site() string { return oneLine(p.Name) }

// Home returns the address of the edition's index.
func (p page) Home() string {
	home := p.Root + strings.TrimSuffix(feeds.PagePath(p.Edition, IndexPath), IndexPath)
	if home == "" {
		return "./"
	}
	return home
}

// write executes the template of kind k. It writes nothing if that fails.
func (p page) write(w io.Writer, k kind) error {
	p.Kind = k
	var b bytes.Buffer
	if err := templates[k][p.Edition]().ExecuteTemplate(&b, "frame", p); err != nil {
		return fmt.Errorf("page %s: %w", p.Path, err)
	}
	_, err := w.Write(bytes.ReplaceAll(b.Bytes(), []byte(rootLink), []byte(`href="`+p.Root)))
	return err
}

// policy returns the Content-Security-Policy of a page: it loads its own stylesheet and icon, and
// with pictures those of any host.
func policy(pictures bool) string {
	sources := "'self'"
	if pictures {
		sources += " https: http:"
	}
	return "default-src 'none'; style-src 'sha256-" + styleHash() + "'; img-src " + sources +
		"; base-uri 'none'; form-action 'self'"
}

// policyContent returns policy as an attribute of the page's meta element.
func policyContent(pictures bool) template.HTMLAttr {
	return template.HTMLAttr(`content="` + policy(pictures) + `"`)
}
