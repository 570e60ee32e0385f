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
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/cmd/nashra/operator"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds/fetch"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/arabic"
)

// freeAllowance binds each paid engine where the config names no budget: Google's free characters a month, as of 2026-11.
const freeAllowance = 500_000

// wire makes the parts that a config describes. It is the only place that knows every package.
type wire struct {
	cfg     *config.Config
	client  *fetch.Client
	made    map[string]translate.Engine // by name: one engine, however many lists name it
	shown   *bar                        // of long work; nil: nobody looks, and the log tells of a model that is fetched
	calls   *operator.Calls             // to the engines
	told    bool                        // what may be spent was said
	serving bool                        // it polls again and again: stories may wait for their translation, and sources are spread over time
	log     *slog.Logger

	glossary func() (translate.Glossary, error) // built in, and the operator's; read once, when first asked for
	prices   func() (translate.Prices, error)   // the same
}

func newWire(cfg *config.Config, log *slog.Logger) (*wire, error) {
	f := cfg.Fetch
	client, err := fetch.New(fetch.Options{Timeout: f.Timeout, MaxBody: f.MaxBody, AllowPrivate: f.AllowPrivate, Proxy: f.Proxy,
		UserAgent: f.UserAgent, Version: version(), PerHost: f.PerHost})
	if err != nil {
		return nil, usageError{err}
	}
	t := cfg.Translate
	return &wire{cfg: cfg, client: client, made: map[string]translate.Engine{}, calls: operator.NewCalls(), log: log,
		glossary: sync.OnceValues(func() (translate.Glossary, error) {
			return extended(translate.BuiltinGlossary, translate.Glossary.With, "translate.glossary", t.Glossary)
		}),
		prices: sync.OnceValues(func() (translate.Prices, error) {
			return extended(translate.BuiltinPrices, translate.Prices.With, "translate.prices", t.Prices)
		}),
	}, nil
}

// aggregator joins store and parts.
func (w *wire) aggregator(ctx context.Context, st *store.Store) (*aggregator.Aggregator, error) {
	tr, err := w.translator(ctx, st)
	if err != nil {
		return nil, err
	}
	common, err := cron.ParseStandard(w.cfg.Schedule)
	if err != nil {
		return nil, usageError{fmt.Errorf("schedule: %w", err)}
	}
	own := map[string]cron.Schedule{}
	for _, s := range w.cfg.Sources {
		if s.Schedule != "" {
			if own[s.ID], err = cron.ParseStandard(s.Schedule); err != nil {
				return nil, usageError{fmt.Errorf("source %s: schedule: %w", s.ID, err)}
			}
		}
	}
	terms, err := w.glossary()
	if err != nil {
		return nil, err
	}
	c := w.cfg
	var hub *http.Client
	if c.Publish.Hub != "" {
		if hub, err = w.client.Engine(c.Publish.Hub); err != nil { // like an engine's, its address is the operator's word
			return nil, usageError{fmt.Errorf("publish.hub: %w", err)}
		}
	}
	if st.Shared() {
		st.Place = place(c.Publish.Dir)
	}
	return aggregator.New(aggregator.Options{Store: st, Client: w.client, Translator: tr,
		Pair: translate.Pair{From: c.Translate.From, To: c.Translate.To}, OnBudget: c.Translate.OnBudget, Sources: c.Sources, Channels: c.Channels,
		Lexicon: arabic.Lexicon{}.With(terms.Names()),
		URL:     c.Publish.URL, Hub: c.Publish.Hub, HubClient: hub, Dir: c.Publish.Dir, Schedule: common, Schedules: own, Hold: w.serving, Jitter: w.serving, MinInterval: c.Fetch.MinInterval,
		Retention: c.Retention.Items, Concurrency: c.Fetch.Concurrency, PerHost: c.Fetch.PerHost, Log: w.log}), nil
}

// zone is the time zone of days and budgets.
func (w *wire) zone() (*time.Location, error) {
	zone, err := time.LoadLocation(w.cfg.Timezone)
	if err != nil {
		return nil, usageError{fmt.Errorf("timezone: %w", err)}
	}
	return zone, nil
}

// place is what the files under dir are listed by in a store that several share: this host, and where they stand on it.
func place(dir string) string {
	host, _ := os.Hostname()
	if whole, err := filepath.Abs(dir); err == nil {
		dir = whole
	}
	return host + ":" + dir
}

// translator is nil where the config wants no translation.
func (w *wire) translator(ctx context.Context, st translate.Store) (*translate.Translator, error) {
	t := w.cfg.Translate
	if len(t.Engines) == 0 {
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
	return translate.New(st, translate.Options{Titles: titles, Bodies: bodies, Glossary: terms, Limits: w.limits(), Location: zone, Log: w.log}), nil
}

// extended is a built-in table with what the operator's file, which key names, adds; without a file the table alone.
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

// limits are the budgets of the config: of all paid engines together, and of each that has its own.
func (w *wire) limits() (out []translate.Limit) {
	add := func(engine string, b config.Budget) {
		if b.Day != (config.Amount{}) {
			out = append(out, translate.Limit{Engine: engine, Day: true, Chars: b.Day.Chars, Micros: b.Day.Micros})
		}
		if b.Month != (config.Amount{}) {
			out = append(out, translate.Limit{Engine: engine, Chars: b.Month.Chars, Micros: b.Month.Micros})
		}
	}
	add("", w.cfg.Translate.Budget)
	for _, name := range slices.Sorted(maps.Keys(w.made)) {
		e := w.made[name]
		own := w.cfg.Engines[name].Budget
		if own == (config.Budget{}) && w.cfg.Translate.Budget == (config.Budget{}) && !e.Limits().Free {
			own.Month.Chars = freeAllowance
		}
		add(name, own)
	}
	return out
}

// announce says what may be spent and what is expected to be, before anything is; once, and nothing where all is free.
func (w *wire) announce(expected translate.Cost) string {
	if w.told {
		return ""
	}
	w.told = true
	var parts, seen []string
	for _, name := range slices.Concat(w.cfg.Translate.Engines, w.cfg.Translate.Bodies) {
		e := w.made[name]
		if e == nil || e.Limits().Free || slices.Contains(seen, name) {
			continue
		}
		seen = append(seen, name)
		text := name
		if p := e.Limits().Price; p.As != "" {
			text += fmt.Sprintf(" at $%.2f a million characters (%s)", p.Expected(1e6).Dollars(), p.As)
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
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
	return fmt.Sprintf("translating with %s; budget %s; expected now: %d characters, $%.4f", strings.Join(parts, ", then "),
		strings.Join(limits, ", "), expected.Chars, expected.Dollars())
}

// limitText says how much a limit allows, and in what time.
func limitText(l translate.Limit) string {
	period, amount := "month", fmt.Sprintf("%d characters", l.Chars)
	if l.Day {
		period = "day"
	}
	if l.Micros > 0 {
		amount = fmt.Sprintf("$%.2f", float64(l.Micros)/1e6)
	}
	return amount + " a " + period
}

// readWire reads the config that opt names and makes its parts.
func readWire(opt *options) (*wire, error) {
	_, cfg, err := readConfig(opt)
	if err != nil {
		return nil, err
	}
	return newWire(cfg, slog.New(slog.DiscardHandler))
}
