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

	"github.com/nashra/nashra/translate"
)

// scope is the only scope that tokens have.
const scope = "https://www.googleapis.com/auth/cloud-translation"

// advanced is Cloud Translation Advanced, v3. Its errors are those of Google's client.
type advanced struct {
	client   *cloud.TranslationClient
	parent   string
	model    string
	glossary string
}

func newAdvanced(ctx context.Context, cfg translate.Settings, hc *http.Client) (*advanced, error) {
	location := cmp.Or(cfg.Location, locationOf(cfg.Glossary), locationOf(cfg.Model), global)
	if cfg.Glossary != "" && location == global {
		return nil, errors.New("a glossary needs its location, such as us-central1")
	}
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
	parent := "projects/" + cfg.Project + "/locations/" + location
	fullName := func(kind, name string) string {
		if name != "" && !strings.HasPrefix(name, "projects/") {
			return parent + kind + name
		}
		return name
	}
	return &advanced{c, parent, fullName("/models/", cfg.Model), fullName("/glossaries/", cfg.Glossary)}, nil
}

// global is the location of calls that use neither a glossary nor a model of one's own. Those work only in
// their own location.
const global = "global"

// locationOf returns the location in a full name, projects/P/locations/L/…, or "".
func locationOf(name string) string {
	if parts := strings.Split(name, "/"); len(parts) > 3 && parts[0] == "projects" {
		return parts[3]
	}
	return ""
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

func (v *advanced) translate(ctx context.Context, r translate.Request) (res translate.Response, err error) {
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
