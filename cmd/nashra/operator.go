package main

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
)

//go:embed operator.html
var operatorHTML string

//go:embed operator.css
var operatorCSS string

// operatorPolicy lets the page have its own style and pictures, and nothing else. The pictures carry styles of their own.
const (
	operatorPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	picturePolicy  = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
)

// shownRows is how many sources the page lists, those in trouble first: a page of ten thousand is looked at by nobody.
const shownRows = 500

// operatorPage answers at / with how things stand, and with the pictures of it.
func operatorPage(mux *http.ServeMux, f *facts) {
	page := template.Must(template.New("operator").Parse(operatorHTML))
	mux.HandleFunc("GET /{$}", f.answer(func(w http.ResponseWriter, s status) {
		var b bytes.Buffer
		if err := page.Execute(&b, view{s}); err != nil {
			say(w, http.StatusInternalServerError, "the page cannot be made: "+err.Error()+"\n")
			return
		}
		send(w, "text/html; charset=utf-8", operatorPolicy, b.Bytes())
	}))
	css := []byte(operatorCSS + legendCSS())
	mux.HandleFunc("GET /operator.css", func(w http.ResponseWriter, _ *http.Request) {
		send(w, "text/css; charset=utf-8", operatorPolicy, css)
	})
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /pictures/{name}", func(w http.ResponseWriter, r *http.Request) {
		name, ok := strings.CutSuffix(r.PathValue("name"), ".svg")
		name, narrow := strings.CutSuffix(name, "-narrow")
		name, dark := strings.CutSuffix(name, "-dark")
		f.answer(func(w http.ResponseWriter, s status) {
			for _, p := range s.pictures() {
				if !ok || p.Name != name || p.draw == nil {
					continue
				}
				svg, err := p.draw(newCanvas(dark, narrow))
				if err != nil {
					say(w, http.StatusInternalServerError, "the picture cannot be made: "+err.Error()+"\n")
					return
				}
				send(w, "image/svg+xml", picturePolicy, svg)
				return
			}
			http.NotFound(w, r)
		})(w, r)
	})
}

// legendCSS gives the parts of a picture the colours that they are drawn in.
func legendCSS() string {
	var b strings.Builder
	for i := range inks[false] {
		fmt.Fprintf(&b, ".s%d { --tone: light-dark(%s, %s) }\n", i, inks[false][i], inks[true][i])
	}
	return b.String()
}

func send(w http.ResponseWriter, kind, policy string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	_, _ = w.Write(body) // whom it does not reach has gone
}

// view is what the page's template asks of a status.
type view struct{ status }

// tile is a figure at the top of the page. Tone is good, warn, bad or empty.
type tile struct{ Name, Figure, Note, Tone string }

func (v view) Health() tile {
	if !v.healthy() {
		return tile{Figure: v.ails(), Tone: "bad"}
	}
	return tile{Figure: "healthy", Tone: "good"}
}

func (v view) Pictures() []picture { return v.pictures() }

// Shown says whether p can be drawn.
func (p picture) Shown() bool { return p.draw != nil }

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
	t := tile{Name: "stories wait", Figure: humanize.Comma(int64(v.Waiting)), Note: "nothing to translate", Tone: "good"}
	if v.Waiting > 0 {
		t.Note, t.Tone = "the first since "+v.Ago(v.Since), ""
		if v.At.Sub(v.Since) > 24*time.Hour {
			t.Tone = "warn"
		}
	}
	if v.Ungrouped > 0 {
		t.Note += fmt.Sprintf("; %s items in no story yet", humanize.Comma(int64(v.Ungrouped)))
	}
	return t
}

func (v view) engineTile() tile {
	ready := 0
	for _, e := range v.Engines {
		if e.Resting == "" {
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

// budgetTile is the limit of which the largest part is used.
func (v view) budgetTile() tile {
	if len(v.Budgets) == 0 {
		return tile{Name: "budget", Figure: "none", Note: "nothing is paid for"}
	}
	worst := slices.MaxFunc(v.Budgets, func(x, y budgetStatus) int { return cmp.Compare(x.Share(), y.Share()) })
	t := tile{Name: "budget left this " + worst.Period, Figure: fmt.Sprintf("%d%%", 100-int(worst.Share()*100)), Note: worst.of(), Tone: "good"}
	switch {
	case worst.Share() >= 1:
		t.Tone = "bad"
	case worst.Projected.Chars > worst.Limit.Chars && worst.Limit.Chars > 0 || worst.Projected.Micros > worst.Limit.Micros && worst.Limit.Micros > 0:
		t.Note, t.Tone = worst.of()+": not enough at this pace", "warn"
	}
	return t
}

// Share is the part of a limit that is used, 0 to 1.
func (b budgetStatus) Share() (part float64) {
	if b.Limit.Chars > 0 {
		part = float64(b.Used.Chars) / float64(b.Limit.Chars)
	}
	if b.Limit.Micros > 0 {
		part = max(part, float64(b.Used.Micros)/float64(b.Limit.Micros))
	}
	return min(part, 1)
}

// Rows are the sources, those in trouble first.
func (v view) Rows() []sourceStatus {
	rows := slices.Clone(v.Sources)
	slices.SortStableFunc(rows, func(x, y sourceStatus) int { return trouble(y) - trouble(x) })
	return rows[:min(len(rows), shownRows)]
}

// Left is how many sources are not among Rows.
func (v view) Left() int { return max(0, len(v.Sources)-shownRows) }

func trouble(s sourceStatus) int {
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

// Tone is how a source stands: good, warn, bad or off.
func (s sourceStatus) Tone() string { return []string{"off", "good", "warn", "bad"}[trouble(s)+1] }

// State is the same in words.
func (s sourceStatus) State() string { return s.state() }

// State is how an engine stands, in words.
func (e engineStatus) State() string { return e.state() }

// Of is whose a budget is.
func (b budgetStatus) Of() string { return b.of() }

// State is a budget in words.
func (b budgetStatus) State() string { return b.state() }

// Ago is how long before or after the facts a time is; a dash where there is none.
func (v view) Ago(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return humanize.RelTime(t, v.At, "ago", "from now")
}

// Exact is t for machines.
func (v view) Exact(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Per is a rate with one digit after the point.
func (v view) Per(n float64) string { return fmt.Sprintf("%.1f", n) }
