package site

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the template and the stylesheet
	"encoding/base64"
	"html/template"
	"io"
	"sync"
)

var (
	//go:embed page.html
	pageSource string
	//go:embed style.css
	style string

	pageTemplate = sync.OnceValue(func() *template.Template {
		return template.Must(template.New("page").Parse(pageSource))
	})
	styleHash = sync.OnceValue(func() string {
		sum := sha256.Sum256([]byte(style))
		return base64.StdEncoding.EncodeToString(sum[:])
	})
)

// page is the data of the template.
type page struct {
	Style    template.CSS
	Policy   template.HTMLAttr
	Root     string   // leads from the page to the index
	Title    string   // plain text, for the window
	Name     []phrase // one for each language
	Channels []channel
	Search   template.HTML // a search box, or the mark that the server replaces with one
	Found    *results      // set on the page of a search
	Failed   *failure      // set on an error page
	Story    *Entry        // set on the page of a story
	Day      *day          // set on the page of a day or a story
	Days     []day
	Before   []day // links to other days, newest first
	Paired   bool  // some story is shown in two languages
}

// phrase is a few words of one language. Lang is empty if it is unknown.
type phrase struct{ Lang, Dir, Text string }

// page returns an empty page from which root leads to the index.
func (b *Book) page(root string) page {
	name := b.name()
	p := page{Style: template.CSS(style), Policy: policyContent(false), Root: root, Name: name, Title: oneLine(name),
		Search: noSearch}
	for _, ch := range b.channels {
		p.Channels = append(p.Channels, newChannel(ch, root))
	}
	return p
}

// Home returns the address of the index.
func (p page) Home() string {
	if p.Root == "" {
		return "./"
	}
	return p.Root
}

// write executes the template. It writes nothing if that fails.
func (p page) write(w io.Writer) error {
	var b bytes.Buffer
	if err := pageTemplate().Execute(&b, p); err != nil {
		return err
	}
	_, err := b.WriteTo(w)
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
