package google

import (
	"net/http"
	"strings"
	"testing"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/enginetest"
)

func TestV2(t *testing.T) {
	enginetest.Run(t, enginetest.NewGoogleV2, func(t *testing.T, f *enginetest.Fake) translate.Engine {
		return engine(t, translate.Settings{Name: "google", Key: f.Key, URL: f.URL}, f)
	})
}

func TestV3(t *testing.T) {
	enginetest.Run(t, enginetest.NewGoogleV3, func(t *testing.T, f *enginetest.Fake) translate.Engine {
		return engine(t, translate.Settings{Name: "google", Credentials: f.Credentials, URL: f.URL}, f)
	})
}

func engine(t *testing.T, cfg translate.Settings, f *enginetest.Fake) *Engine {
	t.Helper()
	e, err := New(t.Context(), cfg, f.Client())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestNewRefusesCredentials(t *testing.T) {
	for name, json := range map[string]string{
		"not JSON": `SECRET`,
		"a program to run": `{"type":"external_account",` +
			`"credential_source":{"executable":{"command":"/bin/SECRET"}}}`,
		"without a type": `{"private_key":"SECRET"}`,
		"an address to call": `{"type":"impersonated_service_account",` +
			`"service_account_impersonation_url":"http://SECRET"}`,
	} {
		_, err := New(t.Context(), translate.Settings{Name: "google", Project: "p", Credentials: json},
			http.DefaultClient)
		if err == nil {
			t.Errorf("%s: taken", name)
		} else if strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v repeats the credentials", name, err)
		}
	}
}

// Google's client reads a service account's key only when it signs.
func TestUnreadableKeyFailsAtTheFirstCall(t *testing.T) {
	e, err := New(t.Context(), translate.Settings{Name: "google", Project: "p",
		Credentials: `{"type":"service_account","client_email":"SECRET","private_key":"SECRET"}`}, http.DefaultClient)
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Translate(t.Context(), translate.Request{Segments: []string{"خبر"}})
	if translate.KindOf(err) != translate.Auth || strings.Contains(err.Error(), "SECRET") {
		t.Errorf("%v", err)
	}
}

func TestV3CompletesShortModelNames(t *testing.T) {
	const llm = "projects/9/locations/global/models/general/translation-llm"
	f := enginetest.NewGoogleV3(t)
	for model, want := range map[string]string{
		"general/nmt": "projects/demo-project/locations/global/models/general/nmt",
		llm:           llm,
	} {
		e := engine(t, translate.Settings{Name: "google", Model: model, Credentials: f.Credentials, URL: f.URL}, f)
		res, err := e.Translate(t.Context(), translate.Request{Pair: translate.Pair{From: "ar", To: "en"},
			Segments: []string{"خبر"}})
		if err != nil || res.Model != want {
			t.Errorf("%s: model %q, want %q: %v", model, res.Model, want, err)
		}
	}
	e := engine(t, translate.Settings{Name: "google", Location: "europe-west1", Credentials: f.Credentials,
		URL: f.URL}, f)
	_, err := e.Translate(t.Context(), translate.Request{Pair: translate.Pair{From: "ar", To: "en"},
		Segments: []string{"خبر"}})
	if kind := translate.KindOf(err); kind != translate.Unsupported { // the fake has another location
		t.Errorf("kind %q: %v", kind, err)
	}
	all := f.Requests()
	const want = "/v3/projects/demo-project/locations/europe-west1:translateText"
	if got := all[len(all)-1].Path; got != want {
		t.Errorf("path %s, want %s", got, want)
	}
}

// The body is the documented one: Google reads no envelope around it.
func TestV2SendsTheDocumentedRequest(t *testing.T) {
	f := enginetest.NewGoogleV2(t)
	e := engine(t, translate.Settings{Name: "google", Key: f.Key, Model: "nmt", URL: f.URL + "/"}, f)
	res, err := e.Translate(t.Context(), translate.Request{Pair: translate.Pair{From: "ar", To: "en"},
		Codec: translate.HTML, Segments: []string{"خبر", "نبأ"}})
	if err != nil || len(res.Texts) != 2 || res.Model != "nmt" {
		t.Fatal(res, err)
	}
	got := f.Requests()[0]
	const want = `{"q":["خبر","نبأ"],"source":"ar","target":"en","format":"html","model":"nmt"}`
	if string(got.Body) != want || got.Query != "" || got.Header.Get("X-Goog-Api-Key") != f.Key {
		t.Errorf("%s?%s %s", got.Path, got.Query, got.Body)
	}
}

func TestGlossaryTranslationsAreReadAndNamedInTheIdentity(t *testing.T) {
	f := enginetest.NewGoogleV3(t)
	e := engine(t, translate.Settings{Name: "google", Glossary: enginetest.Glossary, Credentials: f.Credentials,
		URL: f.URL}, f)
	res, err := e.Translate(t.Context(), translate.Request{Pair: translate.Pair{From: "ar", To: "en"},
		Segments: []string{"خبر"}})
	if err != nil || len(res.Texts) != 1 || res.Texts[0] == "without the glossary" {
		t.Errorf("%q %v", res.Texts, err)
	}
	if id := e.ID(); !strings.HasSuffix(id.Revision, enginetest.Glossary) {
		t.Errorf("%+v", id)
	}
	e = engine(t, translate.Settings{Name: "google", Glossary: "none", Location: "us-central1",
		Credentials: f.Credentials, URL: f.URL}, f)
	if _, err := e.Translate(t.Context(), translate.Request{Pair: translate.Pair{From: "ar", To: "en"},
		Segments: []string{"خبر"}}); translate.KindOf(err) != translate.Unsupported {
		t.Errorf("%v", err)
	}
	if _, err := New(t.Context(), translate.Settings{Name: "google", Glossary: "none", Credentials: f.Credentials},
		f.Client()); err == nil {
		t.Error("a glossary was taken without a location")
	}
	if _, err := New(t.Context(), translate.Settings{Name: "google", Glossary: "none", Key: "k"},
		f.Client()); err == nil {
		t.Error("v2 took a glossary")
	}
}
