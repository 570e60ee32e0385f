package offline

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/enginetest"
	"github.com/nashra/nashra/translate/offline/synthetic"
)

var arabicEnglish = translate.Pair{From: "ar", To: "en"}

// speller returns a folder with a student that spells Arabic in Latin letters.
func speller(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := synthetic.Write(dir, synthetic.Speller()); err != nil {
		t.Fatal(err)
	}
	return dir
}

func in(dir string) Config {
	return Config{
		Name:  "offline",
		Model: "speller",
		Pair:  arabicEnglish,
		Dir:   func() (string, error) { return dir, nil },
	}
}

func TestEngine(t *testing.T) {
	dir := speller(t)
	enginetest.RunLocal(t, func(*testing.T) translate.Engine { return New(in(dir)) }, synthetic.Spell)
}

func ask(texts ...string) translate.Request {
	return translate.Request{Pair: arabicEnglish, Role: translate.Body, Segments: texts}
}

// TestLoading holds that concurrent calls load the model once, and that it is unloaded when idle and loaded again.
func TestLoading(t *testing.T) {
	dir := speller(t)
	var loads atomic.Int64
	cfg := in(dir)
	cfg.Idle = 50 * time.Millisecond
	cfg.Dir = func() (string, error) {
		loads.Add(1)
		time.Sleep(20 * time.Millisecond)
		return dir, nil
	}
	e := New(cfg)
	loaded := func() bool {
		e.mu.Lock()
		defer e.mu.Unlock()
		return e.student != nil
	}
	for round := int64(1); round <= 2; round++ {
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				if _, err := e.Translate(t.Context(), ask("خبر")); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if loads.Load() != round || !loaded() {
			t.Fatalf("loaded %d times, want %d", loads.Load(), round)
		}
		for until := time.Now().Add(10 * time.Second); loaded(); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(until) {
				t.Fatal("the model was not released")
			}
		}
	}
}

// TestNoModel holds that each failure to load says what is wrong, briefly, and is not retried with every call.
func TestNoModel(t *testing.T) {
	change := func(name string, with func([]byte) []byte) string {
		dir := speller(t)
		file := filepath.Join(dir, name)
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if data = with(data); data == nil {
			err = os.Remove(file)
		} else {
			err = os.WriteFile(file, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		return dir
	}
	gone := func([]byte) []byte { return nil }
	flipped := func(b []byte) []byte {
		b[len(b)/2] ^= 4
		return b
	}
	shuffled := func(b []byte) []byte { return bytes.Replace(b, []byte("</s>"), []byte("<\\s>"), 1) }
	joint := change("srcvocab.spell.spm", gone)
	vocabulary := filepath.Join(joint, "vocab.spell.spm")
	if err := os.Rename(filepath.Join(joint, "trgvocab.spell.spm"), vocabulary); err != nil {
		t.Fatal(err)
	}
	vast := speller(t)
	// A sparse file: it takes no space.
	if err := os.Truncate(filepath.Join(vast, "model.spell.bin"), maxFileBytes+1); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct{ dir, want string }{
		"no folder":       {filepath.Join(t.TempDir(), "none"), "none"},
		"an empty folder": {t.TempDir(), "no model*.bin"},
		"no vocabulary":   {change("trgvocab.spell.spm", gone), "neither one vocab*.spm nor"},
		"a model cut short": {
			change("model.spell.bin", func(b []byte) []byte { return b[:len(b)/2] }),
			"model.spell.bin: the file ends early",
		},
		"a model too large": {vast, "no regular file of at most 256 MB"},
		"another model's vocabulary": {
			change("srcvocab.spell.spm", func([]byte) []byte { return synthetic.Numbers(99) }),
			"a vocabulary of 99 pieces",
		},
		"one of other first pieces": {
			change("trgvocab.spell.spm", shuffled), "first pieces are not </s> and the unknown one",
		},
		"one for both languages": {joint, "share a vocabulary and the files do not, or the other way round"},
		"a vocabulary cut short": {
			change("trgvocab.spell.spm", func(b []byte) []byte { return b[:len(b)-9] }),
			"trgvocab.spell.spm: not a SentencePiece model",
		},
		"a shortlist cut short": {
			change("lex.spell.bin", func(b []byte) []byte { return b[:len(b)-8] }), "lex.spell.bin: a shortlist of",
		},
		"a bit of a shortlist": {change("lex.spell.bin", flipped), "lex.spell.bin: a damaged shortlist"},
		"another program's model": {
			change("model.spell.bin", func([]byte) []byte { return []byte("GGUF\x03\x00\x00\x00 a language model") }),
			"model.spell.bin: not a Marian model",
		},
		"a web page for a shortlist": {
			change("lex.spell.bin", func([]byte) []byte { return []byte("<!doctype html>") }),
			"not a binary shortlist",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(in(tc.dir)).Translate(t.Context(), ask("خبر"))
			if translate.KindOf(err) != translate.Unsupported || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
	if _, err := New(in(change("lex.spell.bin", gone))).Translate(t.Context(), ask("خبر")); err != nil {
		t.Errorf("a model without a shortlist: %v", err)
	}
}

// TestFetchMissing holds that concurrent calls download a missing model once, that a failed download is
// retried only after a pause, and that a model installed meanwhile is used at once.
func TestFetchMissing(t *testing.T) {
	dir, there, fetches := speller(t), atomic.Bool{}, atomic.Int64{}
	var fetched error
	engine := func(pause time.Duration) *Engine {
		cfg := in(dir)
		cfg.Pause = pause
		cfg.Dir = func() (string, error) {
			if !there.Load() {
				return "", &MissingError{Model: "base-memory"}
			}
			return dir, nil
		}
		cfg.Fetch = func(context.Context) error {
			fetches.Add(1)
			time.Sleep(20 * time.Millisecond)
			there.Store(fetched == nil)
			return fetched
		}
		return New(cfg)
	}
	sixAtOnce := func(e *Engine, good bool) {
		t.Helper()
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				_, err := e.Translate(t.Context(), ask("خبر"))
				if good {
					if err != nil {
						t.Error(err)
					}
					return
				}
				const why = "not here and could not be fetched: ask mirror.example: no such host"
				if translate.KindOf(err) != translate.Unsupported || !strings.Contains(err.Error(), why) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	fetched = errors.New("ask mirror.example: no such host")
	e := engine(time.Hour)
	sixAtOnce(e, false)
	sixAtOnce(e, false)
	if n := fetches.Load(); n != 1 {
		t.Errorf("fetched %d times in an hour", n)
	}
	there.Store(true)
	sixAtOnce(e, true)
	there.Store(false)
	e = engine(time.Nanosecond)
	for range 2 {
		if _, err := e.Translate(t.Context(), ask("خبر")); !errors.As(err, new(*MissingError)) {
			t.Error(err)
		}
	}
	if n := fetches.Load(); n != 3 {
		t.Errorf("fetched %d times, want once more for each call after the pause", n)
	}
	fetched = nil
	sixAtOnce(engine(time.Hour), true)
	if n := fetches.Load(); n != 4 {
		t.Errorf("fetched %d times, want once for all", n)
	}
}

// A download that the caller cancels is no failure of the registry.
func TestFetchGivenUp(t *testing.T) {
	cfg := in("")
	fetches := 0
	cfg.Dir = func() (string, error) { return "", &MissingError{Model: "base-memory"} }
	cfg.Fetch = func(ctx context.Context) error {
		fetches++
		<-ctx.Done()
		return ctx.Err()
	}
	e := New(cfg)
	for range 2 {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		if _, err := e.Translate(ctx, ask("خبر")); translate.KindOf(err) != translate.Transient {
			t.Error(err)
		}
		cancel()
	}
	if fetches != 2 {
		t.Errorf("fetched %d times, want at each call", fetches)
	}
}

// TestStammer holds that a text that the model does not end is left out without affecting the other texts
// of the call, and is returned up to the length limit in raw mode.
func TestStammer(t *testing.T) {
	dir := t.TempDir()
	if err := synthetic.Write(dir, synthetic.Stammerer()); err != nil {
		t.Fatal(err)
	}
	text := "بلغ السعر خمسمئة قرش في متاجر المدينة"
	r := ask(text, "ن")
	res, err := New(in(dir)).Translate(t.Context(), r)
	if err != nil || !slices.Equal(res.Texts, []string{"", ""}) {
		t.Errorf("%q, %v", res.Texts, err)
	}
	r.Raw = true
	res, err = New(in(dir)).Translate(t.Context(), r)
	n := utf8.RuneCountInString(text) + 2 // with the leading blank and the end of the text
	if err != nil || res.Texts[0] != strings.Repeat("B", 2*n) {
		t.Errorf("raw: %q, %v", res.Texts, err)
	}
}

// TestLongText holds that a text longer than a sentence may be is cut, between words if possible, and
// comes back whole.
func TestLongText(t *testing.T) {
	e := New(in(speller(t)))
	words := strings.TrimSpace(strings.Repeat("سطر طويل جدا ", 90))
	endless := strings.Repeat("ن", 1000)
	res, err := e.Translate(t.Context(), ask(words, endless))
	if err != nil {
		t.Fatal(err)
	}
	if res.Texts[0] != synthetic.Spell(words) {
		t.Errorf("came back as %q", res.Texts[0])
	}
	if got := strings.ReplaceAll(res.Texts[1], " ", ""); got != strings.Repeat("N", 1000) {
		t.Errorf("%d letters came back as %q", 1000, got)
	}
}
