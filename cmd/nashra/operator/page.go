package operator

import (
	"bytes"
	"cmp"
	_ "embed" // page and style
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/nashra/nashra/translate"
)

//go:embed operator.html
var operatorHTML string

//go:embed operator.css
var operatorCSS string

// operatorPolicy allows the page its own style sheet and pictures, and nothing else. Pictures have
// inline styles.
const (
	operatorPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	picturePolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
)

// shownRows is how many sources the page lists, failing ones first.
const shownRows = 500

// handlePage serves the page at /, with its style sheet and pictures.
func handlePage(mux *http.ServeMux, c *cache) {
	page := template.Must(template.New("operator").Parse(operatorHTML))
	mux.HandleFunc("GET /{$}", c.handler(func(w http.ResponseWriter, s Status) {
		var b bytes.Buffer
		if err := page.Execute(&b, view{s}); err != nil {
			answerText(w, http.StatusInternalServerError, "render the page: "+err.Error()+"\n")
			return
		}
		answer(w, "text/html; charset=utf-8", operatorPolicy, b.Bytes())
	}))
	css := []byte(operatorCSS + legendCSS())
	mux.HandleFunc("GET /operator.css", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, "text/css; charset=utf-8", operatorPolicy, css)
	})
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /pictures/{name}", func(w http.ResponseWriter, r *http.Request) {
		name, ok := strings.CutSuffix(r.PathValue("name"), ".svg")
		name, narrow := strings.CutSuffix(name, "-narrow")
		name, dark := strings.CutSuffix(name, "-dark")
		c.handler(func(w http.ResponseWriter, s Status) {
			list := view{s}.Pictures()
			i := slices.IndexFunc(list, func(p picture) bool { return p.Name == name })
			if !ok || i < 0 || !list[i].Shown() {
				http.NotFound(w, r)
				return
			}
			svg, err := list[i].draw(newCanvas(dark, narrow))
			if err != nil {
				answerText(w, http.StatusInternalServerError, "draw the picture: "+err.Error()+"\n")
				return
			}
			answer(w, "image/svg+xml", picturePolicy, svg)
		})(w, r)
	})
}

// legendCSS defines the colours of the legends: those that the pictures are drawn in.
func legendCSS() string {
	var b strings.Builder
	for i := range inks[false] {
		fmt.Fprintf(&b, ".s%d { --tone: light-dark(%s, %s) }\n", i, inks[false][i], inks[true][i])
	}
	return b.String()
}

func answer(w http.ResponseWriter, contentType, policy string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	_, _ = w.Write(body) // fails if the client has disconnected
}

// view adds to a status what the page's template shows. The template calls its exported methods.
type view struct{ Status }

// tile is a figure at the top of the page. Tone is good, warn, bad or empty.
type tile struct{ Name, Figure, Note, Tone string }

func (v view) Tiles() []tile {
	return []tile{v.sourceTile(), v.backlogTile(), v.engineTile(), v.budgetTile()}
}

func (v view) sourceTile() tile {
	on, failing, late := 0, 0, 0
	for _, s := range v.Sources {
		if s.Off {
			continue
		}
		on++
		if s.Error != "" {
			failing++
		}
		if s.Late {
			late++
		}
	}
	t := tile{Name: "sources", Figure: humanize.Comma(int64(on)), Note: "all succeed", Tone: "good"}
	if failing+late > 0 {
		t.Note, t.Tone = fmt.Sprintf("%d fail, %d are late", failing, late), "warn"
	}
	return t
}

func (v view) backlogTile() tile {
	t := tile{Name: "stories wait", Figure: humanize.Comma(int64(v.Waiting)), Note: "nothing to translate",
		Tone: "good"}
	if v.Waiting > 0 {
		t.Note, t.Tone = "the first since "+v.Ago(v.Since), ""
		if v.At.Sub(v.Since) > 24*time.Hour {
			t.Tone = "warn"
		}
	}
	if v.Ungrouped > 0 {
		t.Note += fmt.Sprintf("; %s items in no story yet", humanize.Comma(int64(v.Ungrouped)))
	}
	if v.Held > 0 {
		t.Note += "; " + v.held()
	}
	if v.Beyond > 0 {
		t.Note += "; " + BeyondLimit(v.Beyond)
	}
	return t
}

func (v view) engineTile() tile {
	ready := 0
	for _, e := range v.Engines {
		if e.Tone() != "bad" {
			ready++
		}
	}
	t := tile{Name: "engines", Figure: fmt.Sprintf("%d of %d", ready, len(v.Engines)), Note: "ready", Tone: "good"}
	switch {
	case len(v.Engines) == 0:
		t = tile{Name: "engines", Figure: "none", Note: "nothing is translated"}
	case ready == 0:
		t.Tone = "bad"
	case ready < len(v.Engines):
		t.Tone = "warn"
	}
	return t
}

// budgetTile shows the limit with the largest share used.
func (v view) budgetTile() tile {
	if len(v.Budgets) == 0 {
		return tile{Name: "budget", Figure: "none", Note: "nothing is paid for"}
	}
	b := slices.MaxFunc(v.Budgets, func(x, y Budget) int { return cmp.Compare(x.Share(), y.Share()) })
	left := fmt.Sprintf("%d%%", 100-int(b.Share()*100))
	t := tile{Name: "budget left this " + b.Period, Figure: left, Note: b.Of(), Tone: "good"}
	switch {
	case b.Share() >= 1:
		t.Tone = "bad"
	case b.share(b.Projected) > 1:
		t.Note, t.Tone = b.Of()+": not enough at this pace", "warn"
	}
	return t
}

// Share is the share of the limit that is used, 0 to 1.
func (b Budget) Share() float64 { return min(b.share(b.Used), 1) }

// share is a cost as a share of the limit.
func (b Budget) share(c translate.Cost) float64 {
	if b.Limit.Micros > 0 {
		return float64(c.Micros) / float64(b.Limit.Micros)
	}
	return float64(c.Chars) / float64(max(1, b.Limit.Chars))
}

// Rows are the first shownRows sources, late and failing ones first.
func (v view) Rows() []Source {
	rows := slices.Clone(v.Sources)
	slices.SortStableFunc(rows, func(x, y Source) int { return trouble(y) - trouble(x) })
	return rows[:min(len(rows), shownRows)]
}

// Hidden is how many sources are not in Rows.
func (v view) Hidden() int { return max(0, len(v.Sources)-shownRows) }

// trouble orders sources by how much attention they need.
func trouble(s Source) int {
	switch {
	case s.Off:
		return -1
	case s.Late:
		return 2
	case s.Error != "":
		return 1
	}
	return 0
}

// Tone is the row's style: good, warn, bad or off.
func (s Source) Tone() string { return []string{"off", "good", "warn", "bad"}[trouble(s)+1] }

// Ago is the time from t to the status, or from the status to t if t is later; a dash for the zero
// time.
func (v view) Ago(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return humanize.RelTime(t, v.At, "ago", "from now")
}

// Exact formats t for the datetime attribute.
func (v view) Exact(t time.Time) string { return t.UTC().Format(time.RFC3339) }
