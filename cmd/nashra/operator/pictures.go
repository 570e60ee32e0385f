package operator

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

// picture is a chart on the operator's page.
type picture struct {
	Name, Title string
	Alt         string                         // what it shows, in words
	Parts       []string                       // the legend, in the order of the colours; empty: there is one colour
	draw        func(c canvas) ([]byte, error) // nil: there is nothing to show yet, and Alt says so
}

// Shown reports whether there is anything to draw.
func (p picture) Shown() bool { return p.draw != nil }

// canvas is the size and colours of a picture, in CSS pixels.
type canvas struct {
	width, height int
	theme         charts.ColorPalette
	narrow        bool // for a phone: fewer labels
}

// padding leaves room for half a label's height at the top and half its width at the right.
var padding = charts.NewBox(4, 10, 14, 4)

var axisFont = charts.FontStyle{FontSize: 9}

// newCanvas sizes a picture so that two fit side by side in the page's 72 rem, or one on a phone
// 360 px wide.
func newCanvas(dark, narrow bool) canvas {
	c := canvas{width: 560, height: 280, theme: palette(dark), narrow: narrow}
	if narrow {
		c.width, c.height = 328, 250
	}
	return c
}

// inks are the colours of a picture's parts, on light and dark pages, at a contrast of 3:1 or more
// (WCAG 2.2, 1.4.11). Light and dark alternate, so that colour-blind readers can tell neighbours
// apart.
var inks = map[bool][]string{
	false: {"#0b6e5f", "#d0771f", "#3d5a98", "#b07d2b", "#8a3b6b", "#5d8a2f", "#8a8578"},
	true:  {"#5cc9b5", "#e8a25c", "#7f9ddb", "#d6b56a", "#cf86b2", "#9fc66e", "#8f8a80"},
}

// palette has the page's text and line colours.
func palette(dark bool) charts.ColorPalette {
	ink, line := charts.ColorFromHex("#4c4a44"), charts.ColorFromHex("#e2ddd3")
	if dark {
		ink, line = charts.ColorFromHex("#c4bfb5"), charts.ColorFromHex("#34333a")
	}
	colours := make([]charts.Color, len(inks[dark]))
	for i, s := range inks[dark] {
		colours[i] = charts.ColorFromHex(s)
	}
	return charts.MakeTheme(charts.ThemeOption{
		IsDarkMode: dark, AxisStrokeColor: line, AxisSplitLineColor: line,
		BackgroundColor: charts.ColorTransparent, TextColor: ink, SeriesColors: colours,
	})
}

// Pictures are the page's charts, in order.
func (v view) Pictures() []picture {
	return []picture{v.arrivals(), v.backlog(), v.spending(), v.latency()}
}

// shownSources is how many sources a bar shows separately, so that its legend stays readable. The
// rest are one part.
const shownSources = 6

// arrivals shows the items of each day, by source.
func (v view) arrivals() picture {
	p := picture{Name: "items", Title: "Items a day, by source"}
	sources := slices.DeleteFunc(slices.Clone(v.Sources), func(src Source) bool { return len(src.Days) == 0 })
	slices.SortStableFunc(sources, func(x, y Source) int { return sum(y.Days) - sum(x.Days) })
	var names []string
	var rows [][]float64
	total := 0
	for i, src := range sources {
		if i <= shownSources { // sources after shownSources share the last row
			name := src.ID
			if rest := len(sources) - i; i == shownSources && rest > 1 {
				name = fmt.Sprintf("%d others", rest)
			}
			names, rows = append(names, name), append(rows, make([]float64, shownDays))
		}
		for day, n := range src.Days[:min(len(src.Days), shownDays)] {
			rows[len(rows)-1][day] += float64(n)
		}
		total += sum(src.Days)
	}
	if total == 0 {
		p.Alt = fmt.Sprintf("No new items in the last %d days.", shownDays)
		return p
	}
	p.Alt = fmt.Sprintf("%s items in %d days from %d sources, the most from %s.",
		humanize.Comma(int64(total)), shownDays, len(sources), names[0])
	p.Parts = names
	p.draw = func(c canvas) ([]byte, error) { return c.bars(rows, v.days(), 2) }
	return p
}

// days are the labels of the last shownDays days.
func (v view) days() []string {
	out := make([]string, shownDays)
	for i := range out {
		out[i] = v.today().AddDate(0, 0, i+1-shownDays).Format("Jan 2")
	}
	return out
}

// today is the time of the status, in the zone of its days.
func (v view) today() time.Time {
	if zone, err := time.LoadLocation(v.Zone); err == nil {
		return v.At.In(zone)
	}
	return v.At
}

// backlog shows the waiting stories, by age.
func (v view) backlog() picture {
	p := picture{Name: "backlog", Title: "Stories that wait for their translation, by age"}
	if v.Waiting == 0 {
		p.Alt = "No story waits for its translation."
		return p
	}
	p.Alt = fmt.Sprintf("%d stories wait, the first since %s.", v.Waiting, Stamp(v.Since))
	p.draw = func(c canvas) ([]byte, error) {
		ages := []string{"< 10 min", "< 1 h", "< 6 h", "< 1 day", "< 1 week", "longer"}
		return c.bars([][]float64{floats(v.Waits)}, ages, 1)
	}
	return p
}

// spending shows what was spent this month, day by day, against the month's limit.
func (v view) spending() picture {
	p := picture{Name: "budget", Title: "Budget: spent this month"}
	i := slices.IndexFunc(v.Budgets, func(b Budget) bool { return b.Period == "month" })
	if i < 0 {
		p.Alt = "No paid engine has a monthly budget."
		return p
	}
	b, now := v.Budgets[i], v.today()
	amount := func(c translate.Cost) float64 { return float64(c.Chars) }
	if b.Limit.Micros > 0 {
		amount = translate.Cost.Dollars
	}
	last := midnight(now).AddDate(0, 1, -now.Day()).Day() // of the month
	spent := v.spentByDay(b, last, amount)
	limit, pace, days := make([]float64, last), make([]float64, last), make([]string, last)
	daily := (amount(b.Projected) - amount(b.Used)) / float64(max(1, last-now.Day()))
	for i := range last {
		days[i], limit[i], pace[i] = fmt.Sprint(i+1), amount(b.Limit), charts.GetNullValue()
		if i >= now.Day() {
			spent[i] = charts.GetNullValue()
		}
		if i >= now.Day()-1 {
			pace[i] = amount(b.Used) + daily*float64(i+1-now.Day())
		}
	}
	p.Title = "Budget of " + b.Of() + ", spent this month"
	p.Alt = b.State() + "."
	p.Parts = []string{"spent", "at this pace", "limit"}
	p.draw = func(c canvas) ([]byte, error) { return c.lines([][]float64{spent, pace, limit}, days, 3) }
	return p
}

// spentByDay is what was spent of b from the first of the month to the end of each of its days.
func (v view) spentByDay(b Budget, days int, amount func(translate.Cost) float64) []float64 {
	out := make([]float64, days)
	for _, sp := range v.Spent {
		at, err := time.Parse(time.DateOnly, sp.Day)
		if err != nil || at.Day() > days || b.Engine != "" && b.Engine != sp.Engine {
			continue
		}
		for i := at.Day() - 1; i < days; i++ {
			out[i] += amount(sp.Cost)
		}
	}
	return out
}

// latency shows the calls to each engine, by how long they took.
func (v view) latency() picture {
	p := picture{Name: "engines", Title: "Calls to engines, by how long they took"}
	var names, states []string
	var rows [][]float64
	for _, e := range v.Engines {
		if e.Calls > 0 {
			names, rows = append(names, e.Name), append(rows, floats(e.Took))
			states = append(states, fmt.Sprintf("%s: %s", e.Name, e.State()))
		}
	}
	if len(rows) == 0 {
		p.Alt = "No engine was called since the daemon started."
		return p
	}
	p.Alt = strings.Join(states, "; ") + "."
	var bounds []string
	for _, b := range latencyBounds {
		bounds = append(bounds, fmt.Sprintf("< %g s", b))
	}
	p.Parts = names
	p.draw = func(c canvas) ([]byte, error) { return c.bars(rows, append(bounds, "longer"), 2) }
	return p
}

// bars draws a bar for each label, stacked from one part for each row. Every so many labels are
// shown.
func (c canvas) bars(rows [][]float64, labels []string, every int) ([]byte, error) {
	opt := charts.NewBarChartOptionWithData(rows)
	opt.Theme, opt.Padding, opt.ValueFormatter = c.theme, padding, formatFigure
	opt.StackSeries = charts.Ptr(true)
	opt.CategoryAxis = charts.CategoryAxisOption{
		Labels: c.thin(labels, every), LabelCount: len(labels), LabelFontStyle: axisFont,
	}
	axis := charts.ValueAxisOption{LabelFontStyle: axisFont, Min: charts.Ptr(0.0)}
	if top := tallest(rows); top <= 5 { // label every whole number
		axis.Max, axis.LabelCount = &top, int(top)+1
	}
	opt.ValueAxis = []charts.ValueAxisOption{axis}
	return c.render(func(p *charts.Painter) error { return p.BarChart(opt) })
}

// tallest is the height of the highest bar.
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

// lines draws a line for each row.
func (c canvas) lines(rows [][]float64, labels []string, every int) ([]byte, error) {
	opt := charts.NewLineChartOptionWithData(rows)
	opt.Theme, opt.Padding, opt.ValueFormatter = c.theme, padding, formatFigure
	opt.XAxis = charts.XAxisOption{
		Labels: c.thin(labels, every), LabelCount: len(labels), LabelFontStyle: axisFont,
		BoundaryGap: charts.Ptr(false),
	}
	opt.YAxis = []charts.YAxisOption{{LabelFontStyle: axisFont, Min: charts.Ptr(0.0)}}
	opt.Symbol = charts.Symbol{Shape: charts.SymbolNone}
	opt.LineStrokeWidth = 2
	return c.render(func(p *charts.Painter) error { return p.LineChart(opt) })
}

func (c canvas) render(draw func(p *charts.Painter) error) ([]byte, error) {
	p := charts.NewPainter(charts.PainterOptions{
		OutputFormat: charts.ChartOutputSVG, Width: c.width, Height: c.height, Theme: c.theme,
	})
	if err := draw(p); err != nil {
		return nil, err
	}
	return p.Bytes()
}

// thin empties the labels that have no room: it keeps every so many from the last, on a phone half
// of those.
func (c canvas) thin(labels []string, every int) []string {
	if c.narrow {
		every *= 2
	}
	out := make([]string, len(labels))
	for i := len(labels) - 1; i >= 0; i -= every {
		out[i] = labels[i]
	}
	return out
}

// formatFigure formats a count or dollars at an axis.
func formatFigure(v float64) string {
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
