package site

import (
	"encoding/xml"
	"html/template"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/nashra/nashra/feeds"
)

const (
	openSearchPath = "opensearch.xml"
	openSearchType = "application/opensearchdescription+xml"
)

// openSearchLink returns the element by which browsers find the search of this place.
func openSearchLink(root string) template.HTML {
	return template.HTML(`<link rel="search" type="` + openSearchType + `" title="nashra" href="` + root +
		openSearchPath + `">` + "\n")
}

// openSearchDescription is OpenSearch 1.1's description of a search.
type openSearchDescription struct {
	XMLName     xml.Name         `xml:"http://a9.com/-/spec/opensearch/1.1/ OpenSearchDescription"`
	ShortName   string           // at most 16 letters
	Description string           //
	Encoding    string           `xml:"InputEncoding"`
	Image       openSearchImage  //
	URLs        []openSearchLook `xml:"Url"`
}

type openSearchImage struct {
	Type string `xml:"type,attr"`
	URL  string `xml:",chardata"`
}

type openSearchLook struct {
	Type     string `xml:"type,attr"`
	Template string `xml:"template,attr"`
}

// openSearch describes the search to browsers. The addresses in it are absolute: those of the public
// address or, without one, of the host that r names, if no other site can own that name.
func (s *Server) openSearch(w http.ResponseWriter, r *http.Request) {
	base, age := s.URL, s.cacheControl(openSearchPath)
	if base == "" {
		if !ownHost(r.Host) {
			s.fail(w, r, http.StatusNotFound)
			return
		}
		base, age = "http://"+r.Host+"/", "no-store"
	}
	d := openSearchDescription{ShortName: "nashra", Description: "Arabic technology news, in Arabic and English",
		Encoding: "UTF-8", Image: openSearchImage{"image/png", base + feeds.IconPath}}
	const terms = "?q={searchTerms}"
	d.URLs = append(d.URLs, openSearchLook{"text/html", base + feeds.SearchPath + terms})
	for _, f := range feeds.Formats {
		feed := base + feeds.Path(feeds.SearchPath, feeds.Bilingual, f)
		d.URLs = append(d.URLs, openSearchLook{f.MediaType(), feed + terms})
	}
	body, err := xml.MarshalIndent(d, "", "  ")
	if err != nil {
		s.unavailable(w, r, err)
		return
	}
	doc := s.newDocument(openSearchPath, append([]byte(xml.Header), body...), time.Time{})
	doc.header.Set("Content-Type", openSearchType+"; charset=utf-8")
	doc.header.Set("Cache-Control", age)
	doc.send(w, r)
}

// ownHost reports whether host, with or without a port, is an IP address or a name without a dot, which
// no site of the Internet has.
func ownHost(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	if _, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return true
	}
	return name != "" && strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
