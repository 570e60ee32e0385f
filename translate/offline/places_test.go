package offline

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPlaceOfModels: an existing folder is taken first, then the user's, then the service's or the store's.
func TestPlaceOfModels(t *testing.T) {
	const user, service, beside = "d/nashra/models", "s/models", "b/nashra-models"
	for name, c := range map[string]struct {
		data, state string // the environment, beneath the test's folder; empty: not set
		there       string // folders that exist
		files       string // files where a folder would have to be
		found, made string
	}{
		"the user's":                     {data: "d", state: "s", found: user, made: user},
		"the user's cannot be made":      {data: "d", state: "s", files: "d", found: user, made: service},
		"the user's cannot, no service":  {data: "d", files: "d", found: user, made: beside},
		"no home: the service's":         {state: "s", found: service, made: service},
		"a service has several folders":  {state: "s:u", found: service, made: service},
		"no home, no service":            {found: beside, made: beside},
		"the service's exists":           {data: "d", state: "s", there: service, found: service, made: service},
		"the store's exists":             {data: "d", there: beside, found: beside, made: beside},
		"the user's and another's exist": {data: "d", state: "s", there: service + " " + user, found: user, made: user},
		"none can be made":               {data: "d", files: "d b", found: user},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			within := func(rel string) string {
				if rel == "" {
					return ""
				}
				return filepath.Join(dir, rel)
			}
			t.Setenv("HOME", "")
			t.Setenv("XDG_DATA_HOME", within(c.data))
			t.Setenv("STATE_DIRECTORY", within(c.state))
			if c.data == "" {
				t.Setenv("LocalAppData", "")
				t.Setenv("USERPROFILE", "")
			}
			for _, rel := range strings.Fields(c.there) {
				if err := os.MkdirAll(within(rel), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			for _, rel := range strings.Fields(c.files) {
				if err := os.WriteFile(within(rel), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			places := UserPlaces(within("b"))
			if got := places.Models().Dir; got != within(c.found) {
				t.Errorf("models are looked for in %s, want %s", got, c.found)
			}
			got, err := places.Make()
			if c.made == "" {
				if err == nil || strings.Count(err.Error(), "not a directory") != 2 {
					t.Errorf("made %s, %v", got.Dir, err)
				}
				return
			}
			if err != nil || got.Dir != within(c.made) || places.Models() != got {
				t.Errorf("made %s, %v, want %s, and found there", got.Dir, err, c.made)
			}
		})
	}
}
