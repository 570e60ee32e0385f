package sanitize

import (
	"regexp"
	"strings"

	"golang.org/x/net/html/atom"
)

// role says what becomes of an element.
type role uint8

const (
	unwrapped role = iota // replaced by its children; every element that the table does not name
	inline                // kept
	block                 // kept; stands on lines of its own
	division              // becomes a div without attributes
	removed               // removed with all that it contains
	embedded              // shows another document; becomes a link to it
)

// elements is the table of elements. What is not in it is unwrapped.
var elements = map[atom.Atom]role{
	atom.P: block, atom.Div: block, atom.Blockquote: block, atom.Pre: block, atom.Hr: block,
	atom.H1: block, atom.H2: block, atom.H3: block, atom.H4: block, atom.H5: block, atom.H6: block,
	atom.Ul: block, atom.Ol: block, atom.Li: block, atom.Dl: block, atom.Dt: block, atom.Dd: block,
	atom.Figure: block, atom.Figcaption: block,
	atom.Table: block, atom.Caption: block, atom.Thead: block, atom.Tbody: block, atom.Tfoot: block,
	atom.Tr: block, atom.Td: block, atom.Th: block,

	atom.A: inline, atom.Img: inline, atom.Br: inline, atom.B: inline, atom.Strong: inline, atom.I: inline,
	atom.Em: inline, atom.U: inline, atom.S: inline, atom.Del: inline, atom.Ins: inline, atom.Mark: inline,
	atom.Small: inline, atom.Sub: inline, atom.Sup: inline, atom.Code: inline, atom.Kbd: inline, atom.Samp: inline,
	atom.Var: inline, atom.Q: inline, atom.Cite: inline, atom.Abbr: inline, atom.Time: inline, atom.Bdi: inline,
	atom.Span: inline, atom.Strike: inline, atom.Tt: inline,

	atom.Section: division, atom.Article: division, atom.Header: division, atom.Footer: division, atom.Main: division,
	atom.Aside: division, atom.Center: division, atom.Address: division, atom.Details: division,
	atom.Summary: division, atom.Nav: division,

	atom.Script: removed, atom.Style: removed, atom.Template: removed, atom.Form: removed, atom.Input: removed,
	atom.Select: removed, atom.Textarea: removed, atom.Button: removed, atom.Svg: removed,
	atom.Head: removed, atom.Title: removed, atom.Meta: removed, atom.Link: removed, atom.Base: removed,
	atom.Canvas: removed, atom.Map: removed, atom.Noembed: removed, atom.Noframes: removed, atom.Frameset: removed,
	atom.Xmp: removed, atom.Plaintext: removed, atom.Dialog: removed, atom.Applet: removed,

	atom.Iframe: embedded, atom.Object: embedded, atom.Embed: embedded, atom.Video: embedded, atom.Audio: embedded,
	atom.Frame: embedded,
}

// modern names the elements that replace obsolete ones.
var modern = map[atom.Atom]atom.Atom{atom.Strike: atom.S, atom.Tt: atom.Code}

// value is what an attribute may hold.
type value uint8

const (
	none value = iota // the attribute is not allowed
	anyText
	webURL    // http and https
	linkURL   // http, https and mailto
	number    // decimal digits
	language  // a BCP 47 tag
	direction // ltr, rtl or auto
	date      // ISO 8601
)

// attributes is the table of attributes, by element. Those of everyElement are allowed on each.
var attributes = map[atom.Atom]map[string]value{
	everyElement:    {"lang": language, "dir": direction},
	atom.A:          {"href": linkURL, "title": anyText},
	atom.Img:        {"src": webURL, "alt": anyText, "title": anyText, "width": number, "height": number},
	atom.Abbr:       {"title": anyText},
	atom.Td:         {"colspan": number, "rowspan": number, "start": number},
	atom.Th:         {"colspan": number, "rowspan": number, "start": number},
	atom.Ol:         {"colspan": number, "rowspan": number, "start": number},
	atom.Time:       {"datetime": date},
	atom.Blockquote: {"cite": webURL},
	atom.Q:          {"cite": webURL},
}

const everyElement atom.Atom = 0

var (
	languageTag = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)
	// iso8601 is the pattern of github.com/microcosm-cc/bluemonday.
	iso8601 = regexp.MustCompile(`^[0-9]{4}(-[0-9]{2}(-[0-9]{2}([ T][0-9]{2}(:[0-9]{2}){1,2}` +
		`(.[0-9]{1,6})?Z?([\+-][0-9]{2}:[0-9]{2})?)?)?)?$`)
)

// allowed returns s as an attribute of kind v may hold it, and false if it may not.
func (c *cleaner) allowed(v value, s string) (string, bool) {
	switch v {
	case anyText:
		return s, true
	case webURL, linkURL:
		s = c.absolute(s, v == linkURL)
		return s, s != ""
	case number:
		return s, s != "" && strings.Trim(s, "0123456789") == ""
	case language:
		return s, languageTag.MatchString(s)
	case direction:
		s = strings.ToLower(strings.TrimSpace(s))
		return s, s == "ltr" || s == "rtl" || s == "auto"
	case date:
		return s, iso8601.MatchString(s)
	}
	return "", false
}
