package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/notify"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/cmd/nashra/operator"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/fetch"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/arabic"
	"github.com/nashra/nashra/translate/glossary"
	"github.com/nashra/nashra/translate/offline"
)

// freeAllowance limits a paid engine for which the config has no budget: Google's free characters a
// month, as of 2026-11.
const freeAllowance = 500_000

// wire makes the parts that a config describes. No other type knows every package.
type wire struct {
	cfg       *config.Config
	client    *fetch.Client
	waits     *polite.Waits               // of hosts that are polled without a store
	hosts     *polite.Hosts               // whose pages are asked for without a store
	made      map[string]translate.Engine // engines by name; one serves all lists that name it
	models    offline.Places              // the offline engine's
	progress  *bar                        // of long work; nil: it is logged
	calls     *operator.Calls             // to the engines
	announced bool                        // announce has said what may be spent
	relisted  int64                       // what Relisted returned when the lists of cfg were followed
	serving   bool                        // a daemon: stories may wait for translation, and polls are spread over time
	now       func() time.Time            // nil: the clock
	log       *slog.Logger

	// The built-in tables with the operator's additions, loaded when first used.
	glossary func() (translate.Glossary, error)
	prices   func() (translate.Prices, error)
}

func newWire(cfg *config.Config, log *slog.Logger) (*wire, error) {
	f := cfg.Fetch
	client, err := fetch.New(fetch.Options{Timeout: f.Timeout, MaxBody: f.MaxBody, AllowPrivate: f.AllowPrivate,
		Proxy: f.Proxy, UserAgent: f.UserAgent, Version: version(), PerHost: f.PerHost})
	if err != nil {
		return nil, usageError{err}
	}
	t := cfg.Translate
	terms := func() (translate.Glossary, error) {
		return extended(glossary.Builtin, translate.Glossary.With, "translate.glossary", t.Glossary)
	}
	prices := func() (translate.Prices, error) {
		return extended(translate.BuiltinPrices, translate.Prices.With, "translate.prices", t.Prices)
	}
	waits := polite.NewWaits(time.Now, nil, nil)
	unknown := func(context.Context, string) (polite.Host, error) { return polite.Host{}, nil }
	return &wire{cfg: cfg, client: client, waits: waits, hosts: polite.NewHosts(client, waits, time.Now, unknown),
		made: map[string]translate.Engine{}, models: modelPlaces(cfg), calls: operator.NewCalls(), log: log,
		glossary: sync.OnceValues(terms), prices: sync.OnceValues(prices)}, nil
}

// aggregator returns an aggregator on st.
func (w *wire) aggregator(ctx context.Context, st *store.Store) (*aggregator.Aggregator, error) {
	tr, err := w.translator(ctx, st)
	if err != nil {
		return nil, err
	}
	terms, err := w.glossary()
	if err != nil {
		return nil, err
	}
	if err := w.follow(ctx, st); err != nil {
		return nil, err
	}
	schedule, ofSources, err := w.schedules()
	if err != nil {
		return nil, err
	}
	c := w.cfg
	var hub *http.Client
	if c.Publish.Hub != "" { // the operator chose its address, as an engine's: it may be private
		if hub, err = w.client.Engine(c.Publish.Hub); err != nil {
			return nil, usageError{fmt.Errorf("publish.hub: %w", err)}
		}
	}
	senders, err := w.senders()
	if err != nil {
		return nil, err
	}
	if st.Shared() {
		st.Place = place(c.Publish.Dir)
	}
	sourceFeeds := 0
	if w.serving {
		sourceFeeds = config.NewChannel().Limit
	}
	tags, _ := views(c)
	return aggregator.New(aggregator.Options{
		Store: st, Client: w.client, Translator: tr, Pair: w.pair(), OnBudget: c.Translate.OnBudget,
		Lexicon: arabic.Lexicon{}.With(terms.Names()), Sources: c.Feeds(), Lists: c.Lists(), Channels: c.Channels,
		Tags: tags, URL: c.Publish.URL, Hub: c.Publish.Hub, Web: c.Publish.Web(), HubClient: hub,
		Targets: c.Notify, Senders: senders, Dir: c.Publish.Dir, Keep: c.Publish.Keep,
		Schedule: schedule, Schedules: ofSources, Hold: w.serving, Jitter: w.serving,
		SourceFeeds: sourceFeeds,
		MinInterval: c.Fetch.MinInterval, Retention: c.Retention.Items, Concurrency: c.Fetch.Concurrency,
		PerHost: c.Fetch.PerHost, Progress: w.progress.step, Now: w.now, Log: w.log}), nil
}

// senders returns what sends messages to the targets of the config, by id.
func (w *wire) senders() (map[string]*notify.Sender, error) {
	if len(w.cfg.Notify) == 0 {
		return nil, nil
	}
	out, client := map[string]*notify.Sender{}, w.client.Notifier()
	for _, t := range w.cfg.Notify {
		s, err := notify.NewSender(t, client, w.client.Dial)
		if err != nil {
			return nil, usageError{fmt.Errorf("notify: target %s: %w", t.ID, err)}
		}
		out[t.ID] = s
	}
	return out, nil
}

// schedules returns the schedule of all sources, and those of sources that have their own.
func (w *wire) schedules() (all cron.Schedule, ofSources map[string]cron.Schedule, err error) {
	if all, err = cron.ParseStandard(w.cfg.Schedule); err != nil {
		return nil, nil, usageError{fmt.Errorf("schedule: %w", err)}
	}
	ofSources = map[string]cron.Schedule{}
	for _, s := range w.cfg.Feeds() {
		if s.Schedule != "" {
			if ofSources[s.ID], err = cron.ParseStandard(s.Schedule); err != nil {
				return nil, nil, usageError{fmt.Errorf("source %s: schedule: %w", s.ID, err)}
			}
		}
	}
	return all, ofSources, nil
}

// follow sets the sources that the lists of the config name, as they were last read.
func (w *wire) follow(ctx context.Context, st *store.Store) (err error) {
	var ids []string
	for _, l := range w.cfg.Lists() {
		ids = append(ids, feeds.ListID(l.ID))
	}
	if len(ids) == 0 {
		return nil
	}
	if w.relisted, err = st.Relisted(ctx); err != nil { // first: what changes after this is seen by the next look
		return err
	}
	entries, err := st.Entries(ctx, ids...)
	if err == nil {
		w.cfg.Follow(entries)
	}
	return err
}

// followStored adds to cfg what its lists name. Without a store that can be read, they name nothing yet.
func followStored(ctx context.Context, cfg *config.Config) {
	if len(cfg.Lists()) == 0 {
		return
	}
	st, err := store.OpenExisting(ctx, cfg.Store)
	if err != nil {
		return
	}
	defer st.Close()
	_ = (&wire{cfg: cfg}).follow(ctx, st)
}

// pair is the languages of the config.
func (w *wire) pair() translate.Pair {
	return translate.Pair{From: w.cfg.Translate.From, To: w.cfg.Translate.To}
}

// zone is the time zone of days and budgets.
func (w *wire) zone() (*time.Location, error) {
	zone, err := time.LoadLocation(w.cfg.Timezone)
	if err != nil {
		return nil, usageError{fmt.Errorf("timezone: %w", err)}
	}
	return zone, nil
}

// localTimes are the forms of a time in the config's timezone that flags take.
var localTimes = []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05", time.DateTime}

// timeOf returns the time that the flag at a place has; empty: the zero time.
func (w *wire) timeOf(place, value string) (time.Time, error) {
	zone, err := w.zone()
	if err != nil || value == "" {
		return time.Time{}, err
	}
	if t, err := time.Parse(time.RFC3339, value); err == nil {
		return t, nil
	}
	for _, form := range localTimes {
		if t, err := time.ParseInLocation(form, value, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, mistake(place, fmt.Sprintf("%q is no time", value),
		"write a date like 2026-11-20 or a time like 2026-11-20T15:00 or 2026-11-20T15:00:00Z")
}

// place names the files under dir in a store that several processes share: by host and absolute
// path.
func place(dir string) string {
	host, _ := os.Hostname()
	if path, err := filepath.Abs(dir); err == nil {
		dir = path
	}
	return host + ":" + dir
}

// translator returns nil if the config lists no engines and no source whose translations are taken over.
func (w *wire) translator(ctx context.Context, st translate.Store) (*translate.Translator, error) {
	t := w.cfg.Translate
	if len(t.Engines) == 0 && !slices.ContainsFunc(w.cfg.Feeds(), feeds.Source.Trusted) {
		return nil, nil
	}
	titles, err := w.engines(ctx, t.Engines)
	if err != nil {
		return nil, err
	}
	bodies, err := w.engines(ctx, t.Bodies)
	if err != nil {
		return nil, err
	}
	terms, err := w.glossary()
	if err != nil {
		return nil, err
	}
	zone, err := w.zone()
	if err != nil {
		return nil, err
	}
	return translate.New(st, translate.Options{Titles: titles, Bodies: bodies, Glossary: terms,
		Limits: w.limits(), Location: zone, Progress: func(segments int) { w.progress.advance(int64(segments)) },
		Log: w.log}), nil
}

// extended returns a built-in table with the additions of the operator's file, which the config
// names under key.
func extended[T any](builtin func() (T, error), with func(T, io.Reader) (T, error), key, file string) (T, error) {
	table, err := builtin()
	if err != nil || file == "" {
		return table, err
	}
	f, err := os.Open(file)
	if err != nil {
		return table, usageError{fmt.Errorf("%s: %w", key, err)}
	}
	defer f.Close()
	if table, err = with(table, f); err != nil {
		return table, usageError{fmt.Errorf("%s: %w", file, err)}
	}
	return table, nil
}

// limits returns the budgets of the config: the one of all paid engines together, and those of
// single engines.
func (w *wire) limits() (out []translate.Limit) {
	limit := func(engine string, b config.Budget) {
		if b.Day != (config.Amount{}) {
			out = append(out, translate.Limit{Engine: engine, Day: true, Chars: b.Day.Chars, Micros: b.Day.Micros})
		}
		if b.Month != (config.Amount{}) {
			out = append(out, translate.Limit{Engine: engine, Chars: b.Month.Chars, Micros: b.Month.Micros})
		}
	}
	limit("", w.cfg.Translate.Budget)
	for _, name := range slices.Sorted(maps.Keys(w.made)) {
		e := w.made[name]
		own := w.cfg.Engines[name].Budget
		if own == (config.Budget{}) && w.cfg.Translate.Budget == (config.Budget{}) && !e.Limits().Free {
			own.Month.Chars = freeAllowance
		}
		limit(name, own)
	}
	return out
}

// announce says what may be spent and what is expected to be. It says nothing the second time, or
// if all engines are free.
func (w *wire) announce(expected translate.Cost) string {
	if w.announced {
		return ""
	}
	w.announced = true
	var engines []string
	for _, name := range engineNames(w.cfg) {
		e := w.made[name]
		if e == nil || e.Limits().Free {
			continue
		}
		text := name
		if p := e.Limits().Price; p.As != "" {
			text += fmt.Sprintf(" at $%.2f a million characters (%s)", p.Expected(1e6).Dollars(), p.As)
		}
		engines = append(engines, text)
	}
	if len(engines) == 0 {
		return ""
	}
	var limits []string
	for _, l := range w.limits() {
		who := "in all"
		if l.Engine != "" {
			who = "by " + l.Engine
		}
		limits = append(limits, limitText(l)+" "+who)
	}
	return fmt.Sprintf("translating with %s; budget %s; expected now: %d characters, $%.4f",
		strings.Join(engines, ", then "), strings.Join(limits, ", "), expected.Chars, expected.Dollars())
}

// limitText says how much a limit allows in what period.
func limitText(l translate.Limit) string {
	period, amount := "month", fmt.Sprintf("%d characters", l.Chars)
	if l.Day {
		period = "day"
	}
	if l.Micros > 0 {
		amount = fmt.Sprintf("$%.2f", translate.Cost{Micros: l.Micros}.Dollars())
	}
	return amount + " a " + period
}
