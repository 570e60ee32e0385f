package google

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"cloud.google.com/go/auth"
	"cloud.google.com/go/auth/credentials"
	cloud "cloud.google.com/go/translate/apiv3"
	"cloud.google.com/go/translate/apiv3/translatepb"
	"google.golang.org/api/option"
	basic "google.golang.org/api/translate/v2"

	"github.com/nashra/nashra/translate"
)

// scope is the only scope that tokens have.
const scope = "https://www.googleapis.com/auth/cloud-translation"

// v2 is Cloud Translation Basic. It uses POST: the GET of Google's more convenient client puts
// texts into addresses.
type v2 struct {
	svc   *basic.Service
	model string
}

func newV2(ctx context.Context, cfg translate.Settings, hc *http.Client) (*v2, error) {
	opts := []option.ClientOption{option.WithHTTPClient(client(hc, func(r *http.Request) error {
		r.Header.Set("X-Goog-Api-Key", cfg.Key)
		return nil
	}))}
	if cfg.URL != "" {
		opts = append(opts, option.WithEndpoint(strings.TrimSuffix(cfg.URL, "/")+"/language/translate/"))
	}
	svc, err := basic.NewService(ctx, opts...)
	if err != nil {
		return nil, fmt.Errorf("make client of Translation v2: %w", err)
	}
	return &v2{svc, cfg.Model}, nil
}

func (v *v2) maxStrings() int { return 128 } // Google's limit

func (v *v2) translate(ctx context.Context, r translate.Request) (res translate.Response, err error) {
	q := &basic.TranslateTextRequest{Q: r.Segments, Source: r.Pair.From, Target: r.Pair.To,
		Format: form(r.Codec, "text", "html"), Model: v.model}
	got, err := v.svc.Translations.Translate(q).Context(ctx).Do()
	if err != nil {
		return res, err
	}
	for _, t := range got.Translations {
		if t == nil { // null
			t = &basic.TranslationsResource{}
		}
		res.Texts = append(res.Texts, t.TranslatedText)
		res.Model = t.Model
	}
	return res, nil
}

// v3 is Cloud Translation Advanced.
type v3 struct {
	client   *cloud.TranslationClient
	parent   string
	model    string
	glossary string
}

func newV3(ctx context.Context, cfg translate.Settings, hc *http.Client) (*v3, error) {
	creds, err := detect(cfg.Credentials, hc)
	if err != nil {
		return nil, err
	}
	if cfg.Project == "" {
		if cfg.Project, err = creds.ProjectID(ctx); err != nil || cfg.Project == "" {
			return nil, errors.New("neither the config nor the credentials name a project")
		}
	}
	opts := []option.ClientOption{option.WithHTTPClient(client(hc, func(r *http.Request) error {
		token, err := creds.Token(r.Context())
		if err != nil {
			return &tokenError{err}
		}
		r.Header.Set("Authorization", "Bearer "+token.Value)
		return nil
	}))}
	if cfg.URL != "" {
		opts = append(opts, option.WithEndpoint(strings.TrimSuffix(cfg.URL, "/")))
	}
	c, err := cloud.NewTranslationRESTClient(ctx, opts...)
	if err != nil {
		return nil, fmt.Errorf("make client of Translation v3: %w", err)
	}
	parent := "projects/" + cfg.Project + "/locations/" + cmp.Or(cfg.Location, "global")
	fullName := func(kind, name string) string {
		if name != "" && !strings.HasPrefix(name, "projects/") {
			return parent + kind + name
		}
		return name
	}
	return &v3{c, parent, fullName("/models/", cfg.Model), fullName("/glossaries/", cfg.Glossary)}, nil
}

// detect reads the given credentials, or finds the machine's own. It refuses the kinds of
// credentials that name programs to run or addresses to call.
func detect(given string, hc *http.Client) (*auth.Credentials, error) {
	opts := &credentials.DetectOptions{Scopes: []string{scope}, Client: hc, DisableAsyncRefresh: true}
	if given == "" {
		creds, err := credentials.DetectDefault(opts)
		if err != nil {
			return nil, errors.New("no credentials in the config, and none on this machine that can be read")
		}
		return creds, nil
	}
	var file struct {
		Type credentials.CredType `json:"type"`
	}
	known := []credentials.CredType{credentials.ServiceAccount, credentials.AuthorizedUser}
	if json.Unmarshal([]byte(given), &file) != nil || !slices.Contains(known, file.Type) {
		return nil, errors.New("credentials are not the JSON of a service account or an authorised user")
	}
	creds, err := credentials.NewCredentialsFromJSON(file.Type, []byte(given), opts)
	if err != nil {
		return nil, errors.New("credentials cannot be read") // the error may repeat them
	}
	return creds, nil
}

func (v *v3) maxStrings() int { return 1024 } // Google's limit

func (v *v3) translate(ctx context.Context, r translate.Request) (res translate.Response, err error) {
	q := &translatepb.TranslateTextRequest{Parent: v.parent, Contents: r.Segments,
		MimeType:           form(r.Codec, "text/plain", "text/html"),
		SourceLanguageCode: r.Pair.From, TargetLanguageCode: r.Pair.To, Model: v.model}
	if v.glossary != "" {
		q.GlossaryConfig = &translatepb.TranslateTextGlossaryConfig{Glossary: v.glossary, IgnoreCase: true}
	}
	got, err := v.client.TranslateText(ctx, q)
	if err != nil {
		return res, err
	}
	texts := got.GetTranslations()
	if v.glossary != "" {
		texts = got.GetGlossaryTranslations()
	}
	for _, t := range texts {
		res.Texts = append(res.Texts, t.GetTranslatedText())
		res.Model = t.GetModel()
	}
	return res, nil
}
