// Package offline is the engine that needs no service: it translates in this process with the models of
// Firefox Translations, which Mozilla publishes. It finds, downloads, verifies and stores their files,
// and loads a model at its first use.
//
// Its subpackages: marian reads and runs the models, spm cuts text into pieces, kernel multiplies
// matrices, and synthetic makes models for tests.
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

// Config configures an Engine.
type Config struct {
	Name  string                          // in the config file
	Model string                          // part of the engine's identity
	Pair  translate.Pair                  // the languages of the model
	Dir   func() (string, error)          // the folder of the model's files, or a *MissingError; called at each loading
	Fetch func(ctx context.Context) error // downloads a missing model; nil: none is downloaded
	Pause time.Duration                   // between failed downloads; 0: five minutes
	Idle  time.Duration                   // unload the model after this time without use; 0: a minute
}

// Engine translates with one model.
type Engine struct {
	cfg Config

	mu      sync.Mutex
	loading chan struct{} // closed when the current loading ends; nil: none
	student *student      // nil: not loaded
	using   int
	idle    *time.Timer

	// The last failed download. Only the goroutine that loads uses these.
	failed error
	tried  time.Time
}

// idleTime is how long an unused model stays loaded. Calls of one pass are seconds apart.
const idleTime = time.Minute

// fetchPause is the default of fetch.min_interval, which limits polling in the same way.
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

// ID names the engine and its model. The revision counts changes of how text is prepared and finished.
func (e *Engine) ID() translate.Identity {
	return translate.Identity{Engine: e.cfg.Name, Model: e.cfg.Model, Revision: "3"}
}

// Limits are our own.
func (e *Engine) Limits() translate.Limits {
	return translate.Limits{
		Segments:  32,   // a few batches of similar length
		Size:      8000, // a few seconds of work on one core
		Unit:      translate.Runes,
		Codec:     translate.Tagged,
		Sentences: true, // as in the models' training
		Mixed:     true,
		Free:      true,
		Parallel:  runtime.GOMAXPROCS(0),
		Timeout:   30 * time.Minute, // includes the download of the model
	}
}

// Translate makes one call. A missing or unreadable model is an error of kind Unsupported, since the next
// call would fail too.
func (e *Engine) Translate(ctx context.Context, r translate.Request) (translate.Response, error) {
	if r.Pair != e.cfg.Pair {
		err := fmt.Errorf("the model is for %s to %s", e.cfg.Pair.From, e.cfg.Pair.To)
		return translate.Response{}, e.fail(translate.Unsupported, err)
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

// write joins the translated parts of a text, with the source's names (unless r is raw) and codes. It
// is empty if the model did not end the text: half a text would pass for the whole.
func (s *student) write(source string, codes []code, parts []*part, r translate.Request) string {
	if !r.Raw && slices.ContainsFunc(parts, func(p *part) bool { return p.Cut }) {
		return ""
	}
	target := s.join(parts)
	origins, ok := s.origins(parts, len(wordSpans(source)), len(wordSpans(target)))
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

// join decodes the parts of a text and joins them by spaces.
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

// acquire returns the loaded model; the caller must release it. One of several callers loads, the others wait.
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

// fetch downloads the model. After a failure it returns the same error for the time of Config.Pause,
// since every call would download as much again.
func (e *Engine) fetch(ctx context.Context) error {
	if e.failed == nil || time.Since(e.tried) >= e.cfg.Pause {
		e.failed, e.tried = e.cfg.Fetch(ctx), time.Now()
	}
	if ctx.Err() != nil { // the caller gave up; that is no failure of the download
		e.failed = nil
		return ctx.Err()
	}
	return e.failed
}

// release ends a call's use of the model. The last one starts the idle timer.
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

// unload frees the model's memory if no call uses it.
func (e *Engine) unload() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.using == 0 && e.student != nil {
		e.student.close()
		e.student = nil
	}
}
