package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/go-analyze/charts"

	"github.com/nashra/nashra/translate"
)

// picture is one of the operator's page.
type picture struct {
	Name, Title string
	Alt         string                         // what it shows, in words
	Parts       []string                       // what its colours stand for, in their order; empty: there is one
	draw        func(c canvas) ([]byte, error) // nil: there is nothing to show yet, and Alt says so
}

// canvas is what a picture is drawn on, in CSS pixels.
type canvas struct {
	width, height int
	theme         charts.ColorPalette
	narrow        bool // for a phone: fewer labels
}

// around is what is left free at the edges: half a label's height at the top, half its width at the right.
var around = charts.NewBox(4, 10, 14, 4)

// axisFont is of what stands at the axes.
var axisFont = charts.FontStyle{FontSize: 9}

// The sizes are twice as wide as high on a desk, where two stand side by side in 72 rem, and nearly square on a phone of 360 px.
func newCanvas(dark, narrow bool) canvas {
	c := canvas{width: 560, height: 280, theme: palette(dark), narrow: narrow}
	if narrow {
		c.width, c.height = 328, 250
	}
	return c
}

// inks are the colours of what is drawn side by side, on light and on dark. Each keeps at least 3:1 against its ground (WCAG 2.2, 1.4.11),
// and their order takes turns in lightness, so that neighbours differ also to those who see few colours.
var inks = map[bool][]string{
	false: {"#0b6e5f", "#d0771f", "#3d5a98", "#b07d2b", "#8a3b6b", "#5d8a2f", "#8a8578"},
	true:  {"#5cc9b5", "#e8a25c", "#7f9ddb", "#d6b56a", "#cf86b2", "#9fc66e", "#8f8a80"},
}

// palette is of the page's own ink and lines.
func palette(dark bool) charts.ColorPalette {
	ink, line := charts.ColorFromHex("#4c4a44"), charts.ColorFromHex("#e2ddd3")
	if dark {
		ink, line = charts.ColorFromHex("#c4bfb5"), charts.ColorFromHex("#34333a")
	}
	colours := make([]charts.Color, len(inks[dark]))
	for i, s := range inks[dark] {
		colours[i] = charts.ColorFromHex(s)
	}
	return charts.MakeTheme(charts.ThemeOption{IsDarkMode: dark, AxisStrokeColor: line, AxisSplitLineColor: line, BackgroundColor: charts.ColorTransparent,
		TextColor: ink, SeriesColors: colours})
}

// pictures are what s looks like, in the order of the page.
func (s status) pictures() []picture {
	return []picture{s.arrivals(), s.backlog(), s.burn(), s.latency()}
}

// shownSources is how many sources a bar tells apart; the rest is one part of it. A legend of more is not read.
const shownSources = 6

// arrivals is the items of each day, by the sources that brought the most.
func (s status) arrivals() picture {
	p := picture{Name: "items", Title: "Items a day, by source"}
	sources := slices.DeleteFunc(slices.Clone(s.Sources), func(src sourceStatus) bool { return len(src.Days) == 0 })
	slices.SortStableFunc(sources, func(x, y sourceStatus) int { return sum(y.Days) - sum(x.Days) })
	var names []string
	var rows [][]float64
	total := 0
	for i, src := range sources {
		if i == 0 || i < shownSources || i == shownSources && len(sources) == shownSources+1 {
			names, rows = append(names, src.ID), append(rows, make([]float64, shownDays))
		} else if i == shownSources {
			names, rows = append(names, fmt.Sprintf("%d others", len(sources)-i)), append(rows, make([]float64, shownDays))
		}
		for day, n := range src.Days[:min(len(src.Days), shownDays)] {
			rows[len(rows)-1][day] += float64(n)
		}
		total += sum(src.Days)
	}
	if total == 0 {
		p.Alt = fmt.Sprintf("No item has come in the last %d days.", shownDays)
		return p
	}
	p.Alt = fmt.Sprintf("%s items in %d days from %d sources, the most from %s.", humanize.Comma(int64(total)), shownDays, len(sources), names[0])
	p.Parts = names
	p.draw = func(c canvas) ([]byte, error) { return c.bars(rows, s.days(), 2) }
	return p
}

// days are the names of the days that items are counted by.
func (s status) days() []string {
	out := make([]string, shownDays)
	for i := range out {
		out[i] = s.today().AddDate(0, 0, i+1-shownDays).Format("Jan 2")
	}
	return out
}

// today is the time of the facts where days begin.
func (s status) today() time.Time {
	if zone, err := time.LoadLocation(s.Zone); err == nil {
		return s.At.In(zone)
	}
	return s.At
}

// backlog is the stories that wait, by how long they have.
func (s status) backlog() picture {
	p := picture{Name: "backlog", Title: "Stories that wait for their translation, by how long"}
	if s.Waiting == 0 {
		p.Alt = "No story waits for its translation."
		return p
	}
	p.Alt = fmt.Sprintf("%d stories wait, the first since %s.", s.Waiting, stamp(s.Since))
	p.draw = func(c canvas) ([]byte, error) {
		return c.bars([][]float64{floats(s.Waits)}, []string{"< 10 min", "< 1 h", "< 6 h", "< 1 day", "< 1 week", "longer"}, 1)
	}
	return p
}

// burn is what was spent this month, day by day, against the limit of the month where there is one.
func (s status) burn() picture {
	p := picture{Name: "budget", Title: "Budget: spent this month"}
	at := slices.IndexFunc(s.Budgets, func(b budgetStatus) bool { return b.Period == "month" })
	if at < 0 {
		p.Alt = "No engine that costs money is configured with a budget for the month."
		return p
	}
	b, now := s.Budgets[at], s.today()
	last := midnight(now).AddDate(0, 1, -now.Day()).Day() // of the month
	of := func(c translate.Cost) float64 { return float64(c.Chars) }
	if b.Limit.Micros > 0 {
		of = dollars
	}
	spent := make([]float64, last) // to the end of each day
	for _, sp := range s.Spent {
		var day int
		if _, err := fmt.Sscanf(sp.Day[strings.LastIndexByte(sp.Day, '-')+1:], "%d", &day); err != nil || day < 1 || day > last || b.Engine != "" && b.Engine != sp.Engine {
			continue
		}
		for i := day - 1; i < last; i++ {
			spent[i] += of(sp.Cost)
		}
	}
	limit, pace := make([]float64, last), make([]float64, last)
	days := make([]string, last)
	for i := range last {
		days[i], limit[i], pace[i] = fmt.Sprint(i+1), of(b.Limit), charts.GetNullValue()
		if i >= now.Day() {
			spent[i] = charts.GetNullValue()
		}
		if i >= now.Day()-1 {
			pace[i] = of(b.Used) + (of(b.Projected)-of(b.Used))*float64(i+1-now.Day())/float64(max(1, last-now.Day()))
		}
	}
	p.Title = "Budget of " + b.of() + ", spent this month"
	p.Alt = b.state() + "."
	p.Parts = []string{"spent", "at this pace", "limit"}
	p.draw = func(c canvas) ([]byte, error) { return c.lines([][]float64{spent, pace, limit}, days, 3) }
	return p
}

// latency is how many calls to each engine took how long.
func (s status) latency() picture {
	p := picture{Name: "engines", Title: "Calls to engines, by how long they took"}
	var names, said []string
	var rows [][]float64
	for _, e := range s.Engines {
		if e.Calls > 0 {
			names, rows = append(names, e.Name), append(rows, floats(e.Took))
			said = append(said, fmt.Sprintf("%s: %s", e.Name, e.state()))
		}
	}
	if len(rows) == 0 {
		p.Alt = "No engine was called since the daemon started."
		return p
	}
	p.Alt = strings.Join(said, "; ") + "."
	var bounds []string
	for _, b := range latencyBounds {
		bounds = append(bounds, fmt.Sprintf("< %g s", b))
	}
	p.Parts = names
	p.draw = func(c canvas) ([]byte, error) { return c.bars(rows, append(bounds, "longer"), 2) }
	return p
}

// bars draws a bar for each label, of a part for each of rows.
func (c canvas) bars(rows [][]float64, labels []string, every int) ([]byte, error) {
	opt := charts.NewBarChartOptionWithData(rows)
	opt.Theme, opt.Padding, opt.ValueFormatter = c.theme, around, figure
	opt.StackSeries = charts.Ptr(true)
	opt.CategoryAxis = charts.CategoryAxisOption{Labels: c.thinned(labels, every), LabelCount: len(labels), LabelFontStyle: axisFont}
	axis := charts.ValueAxisOption{LabelFontStyle: axisFont, Min: charts.Ptr(0.0)}
	if top := tallest(rows); top <= 5 { // few are counted in ones
		axis.Max, axis.LabelCount = &top, int(top)+1
	}
	opt.ValueAxis = []charts.ValueAxisOption{axis}
	return c.render(func(p *charts.Painter) error { return p.BarChart(opt) })
}

// tallest is the highest bar of rows.
func tallest(rows [][]float64) (top float64) {
	for i := range rows[0] {
		var bar float64
		for _, row := range rows {
			bar += row[i]
		}
		top = max(top, bar)
	}
	return top
}

// lines draws a line for each of rows.
func (c canvas) lines(rows [][]float64, labels []string, every int) ([]byte, error) {
	opt := charts.NewLineChartOptionWithData(rows)
	opt.Theme, opt.Padding, opt.ValueFormatter = c.theme, around, figure
	opt.XAxis = charts.XAxisOption{Labels: c.thinned(labels, every), LabelCount: len(labels), LabelFontStyle: axisFont, BoundaryGap: charts.Ptr(false)}
	opt.YAxis = []charts.YAxisOption{{LabelFontStyle: axisFont, Min: charts.Ptr(0.0)}}
	opt.Symbol = charts.Symbol{Shape: charts.SymbolNone}
	opt.LineStrokeWidth = 2
	return c.render(func(p *charts.Painter) error { return p.LineChart(opt) })
}

func (c canvas) render(draw func(p *charts.Painter) error) ([]byte, error) {
	p := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputSVG, Width: c.width, Height: c.height, Theme: c.theme})
	if err := draw(p); err != nil {
		return nil, err
	}
	return p.Bytes()
}

// thinned is labels with all but every so many left empty: on a phone half as many again fit.
func (c canvas) thinned(labels []string, every int) []string {
	if c.narrow {
		every *= 2
	}
	out := make([]string, len(labels))
	for i := len(labels) - 1; i >= 0; i -= every {
		out[i] = labels[i]
	}
	return out
}

// figure is a value of an axis: of what is counted, or dollars.
func figure(v float64) string {
	if v >= 10_000 {
		return strings.ReplaceAll(humanize.SIWithDigits(v, 1, ""), " ", "")
	}
	return humanize.Commaf(math.Round(v*100) / 100)
}

func sum(list []int) (n int) {
	for _, v := range list {
		n += v
	}
	return n
}

func floats(list []int) []float64 {
	out := make([]float64, len(list))
	for i, v := range list {
		out[i] = float64(v)
	}
	return out
}
