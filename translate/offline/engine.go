// Package offline is the engine that needs nobody: it translates in this process with the models of Firefox Translations, which Mozilla
// publishes. It finds, fetches, checks and keeps their files, and loads a model when it is first asked for a translation.
//
// Beneath it, marian reads and runs the models, spm cuts text into their pieces, kernel multiplies; synthetic makes models for tests.
package offline

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nashra/nashra/translate"
)

// Config of an Engine.
type Config struct {
	Name  string                          // in the config file
	Model string                          // its name; part of the engine's identity
	Pair  translate.Pair                  // the languages of the model
	Dir   func() (string, error)          // the folder with the model's files, a *MissingError where there is none; asked at each loading
	Fetch func(ctx context.Context) error // brings the model that is missing; nil: nobody does
	Pause time.Duration                   // between fetches that fail; 0: five minutes
	Idle  time.Duration                   // the model is released when nothing was asked for so long; 0: a minute
}

// Engine translates with one model.
type Engine struct {
	cfg Config

	mu      sync.Mutex
	loading chan struct{} // closed when a loading has ended; nil: none is going on
	student *student      // nil: not loaded
	using   int
	idle    *time.Timer

	// the last fetch, if it failed; of whoever loads
	failed error
	tried  time.Time
}

// idleTime is how long a model stays loaded after its last use: a pass asks again within seconds, the next pass comes much later.
const idleTime = time.Minute

// fetchPause is what no source is asked more often than either, if nobody says otherwise (fetch.min_interval).
const fetchPause = 5 * time.Minute

// New returns an Engine. It reads nothing yet.
func New(cfg Config) *Engine {
	if cfg.Idle == 0 {
		cfg.Idle = idleTime
	}
	if cfg.Pause == 0 {
		cfg.Pause = fetchPause
	}
	return &Engine{cfg: cfg}
}

// ID names the engine and its model; the revision is that of what is made of text before and after the model.
func (e *Engine) ID() translate.Identity {
	return translate.Identity{Engine: e.cfg.Name, Model: e.cfg.Model, Revision: "2"}
}

// Limits are our own.
func (e *Engine) Limits() translate.Limits {
	return translate.Limits{
		Segments:  32,   // some batches of like length
		Size:      8000, // a few seconds of work on one processor
		Unit:      translate.Runes,
		Codec:     translate.Tagged,
		Sentences: true, // what the models were trained on
		Mixed:     true,
		Free:      true,
		Parallel:  runtime.GOMAXPROCS(0),
		Timeout:   30 * time.Minute, // the model may have to be fetched first
	}
}

// Translate makes one call. A model that is not there, or that cannot be read, is Unsupported: it will not be there at the next call.
func (e *Engine) Translate(ctx context.Context, r translate.Request) (translate.Response, error) {
	if r.Pair != e.cfg.Pair {
		return translate.Response{}, e.fail(translate.Unsupported, fmt.Errorf("the model is for %s to %s", e.cfg.Pair.From, e.cfg.Pair.To))
	}
	s, err := e.acquire(ctx)
	if err != nil {
		return translate.Response{}, err
	}
	defer e.release()
	sources, codes := slices.Clone(r.Segments), make([][]code, len(r.Segments))
	if r.Codec == translate.Tagged {
		for i, tagged := range r.Segments {
			sources[i], codes[i] = takeCodes(tagged)
		}
	}
	parts, err := s.translate(ctx, sources, r.Raw)
	if err != nil {
		return translate.Response{}, e.fail(translate.Transient, err)
	}
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i] = s.write(sources[i], codes[i], p, r)
	}
	return translate.Response{Texts: texts}, nil
}

// write is the answer to a text of r that is translated in parts: names as they were unless r is raw, and in tagged form with the
// codes of its source. Where words and pieces do not tally, or a pair's words left nothing behind, codes are missing: the caller sees
// to that. A text that the model found no end of is left out unless r is raw: what it has would pass for the whole.
func (s *student) write(source string, codes []code, parts []*part, r translate.Request) string {
	if !r.Raw && slices.ContainsFunc(parts, func(p *part) bool { return p.Cut }) {
		return ""
	}
	target := s.join(parts)
	origins, ok := s.origins(parts, len(words(source)), len(words(target)))
	if ok && !r.Raw {
		target, origins = keepNames(source, target, origins)
	}
	if r.Codec != translate.Tagged {
		return target
	}
	if !ok {
		codes = nil
	}
	return weave(source, codes, target, origins)
}

// join is the text of its parts.
func (s *student) join(parts []*part) string {
	var texts []string
	for _, p := range parts {
		if t := s.target.Decode(p.Pieces); t != "" {
			texts = append(texts, t)
		}
	}
	return strings.Join(texts, " ")
}

func (e *Engine) fail(k translate.Kind, err error) error {
	return &translate.Error{Kind: k, Engine: e.cfg.Name, Err: err}
}

// acquire is the loaded model, for a call that releases it. Of several calls one loads, the others wait.
func (e *Engine) acquire(ctx context.Context) (*student, error) {
	e.mu.Lock()
	for e.student == nil && e.loading != nil {
		wait := e.loading
		e.mu.Unlock()
		select {
		case <-wait:
		case <-ctx.Done():
		}
		e.mu.Lock()
		if ctx.Err() != nil {
			break
		}
	}
	defer e.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, e.fail(translate.Transient, err)
	}
	if e.student == nil {
		e.loading = make(chan struct{})
		e.mu.Unlock()
		s, err := e.load(ctx)
		e.mu.Lock()
		close(e.loading)
		e.loading = nil
		if err != nil {
			return nil, err
		}
		e.student = s
	}
	e.using++
	if e.idle != nil {
		e.idle.Stop()
	}
	return e.student, nil
}

func (e *Engine) load(ctx context.Context) (*student, error) {
	dir, err := e.cfg.Dir()
	if missing := new(MissingError); errors.As(err, &missing) && e.cfg.Fetch != nil {
		if missing.Err = e.fetch(ctx); missing.Err == nil {
			dir, err = e.cfg.Dir()
		}
	}
	var s *student
	if err == nil {
		s, err = loadStudent(dir)
	}
	switch {
	case err == nil:
		return s, nil
	case ctx.Err() != nil:
		return nil, e.fail(translate.Transient, ctx.Err())
	case errors.As(err, new(*MissingError)):
		return nil, e.fail(translate.Unsupported, err)
	}
	return nil, e.fail(translate.Unsupported, fmt.Errorf("load %s: %w", e.cfg.Model, err))
}

// fetch brings the model, unless that failed a short while ago: calls come many at once, and each would have as much downloaded.
func (e *Engine) fetch(ctx context.Context) error {
	if e.failed == nil || time.Since(e.tried) >= e.cfg.Pause {
		e.failed, e.tried = e.cfg.Fetch(ctx), time.Now()
	}
	if ctx.Err() != nil { // given up by us
		e.failed = nil
		return ctx.Err()
	}
	return e.failed
}

// release ends a call's use of the model; after the last one the clock runs.
func (e *Engine) release() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.using--; e.using > 0 {
		return
	}
	if e.idle == nil {
		e.idle = time.AfterFunc(e.cfg.Idle, e.unload)
		return
	}
	e.idle.Reset(e.cfg.Idle)
}

// unload gives a model's memory back that nobody uses.
func (e *Engine) unload() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.using == 0 && e.student != nil {
		e.student.close()
		e.student = nil
	}
}
