package offline

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Models manages the installed models, each in a folder of its name beneath Dir.
type Models struct{ Dir string }

// Places are the folders that models may be kept in, best first.
type Places []string

// UserPlaces returns the user's folder for data ($XDG_DATA_HOME or the system's equivalent), then the
// one that systemd keeps for a service, or else the folder beside.
func UserPlaces(beside string) (out Places) {
	if data := dataHome(); data != "" {
		out = Places{filepath.Join(data, "nashra", "models")}
	}
	if state, _, _ := strings.Cut(os.Getenv("STATE_DIRECTORY"), ":"); state != "" { // a list
		return append(out, filepath.Join(state, "models"))
	}
	return append(out, filepath.Join(beside, "nashra-models"))
}

// dataHome returns the folder for a user's data, or "" for a user without a home.
func dataHome() string {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return dir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	switch runtime.GOOS {
	case "darwin":
		return filepath.Join(home, "Library", "Application Support")
	case "windows":
		return cmp.Or(os.Getenv("LocalAppData"), filepath.Join(home, "AppData", "Local"))
	}
	return filepath.Join(home, ".local", "share")
}

// Models returns the models in the first place that exists, or in the first of all if none does.
func (ps Places) Models() Models {
	return Models{ps[max(0, slices.IndexFunc(ps, func(dir string) bool {
		info, err := os.Stat(dir)
		return err == nil && info.IsDir()
	}))]}
}

// Make returns the models in the first place that exists or, if none does, that can be made.
func (ps Places) Make() (Models, error) {
	m := ps.Models()
	_, err := os.Stat(m.Dir)
	var failed []string
	for i := 0; err != nil && i < len(ps); i++ {
		m.Dir = ps[i]
		if err = os.MkdirAll(m.Dir, 0o755); err != nil {
			failed = append(failed, err.Error())
		}
	}
	if err != nil {
		err = fmt.Errorf("make a folder for models: %s", strings.Join(failed, "; "))
	}
	return m, err
}

// MissingError reports that a model is not installed, and why it could not be downloaded.
type MissingError struct {
	Model string
	Err   error // nil: no download was tried
}

func (e *MissingError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("the model %s is not here and could not be fetched: %v", e.Model, e.Err)
	}
	return fmt.Sprintf("the model %s is not here", e.Model)
}

func (e *MissingError) Unwrap() error { return e.Err }

// Find returns the folder of an installed model, or a *MissingError.
func (m Models) Find(name string) (string, error) {
	if !plain(name) {
		return "", fmt.Errorf("%q is no name of a model", name)
	}
	dir := filepath.Join(m.Dir, name)
	_, err := os.Stat(filepath.Join(dir, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		err = &MissingError{Model: name}
	}
	return dir, err
}

// manifestName is the file that records what was installed.
const manifestName = "manifest.json"

// manifest describes an installed model.
type manifest struct {
	Model     string            `json:"model"`
	Version   string            `json:"version,omitempty"` // the registry's
	Source    string            `json:"source"`            // host, or "folder"
	Trusted   bool              `json:"trusted"`           // installed without a known hash
	Installed time.Time         `json:"installed"`
	Files     map[string]string `json:"files"` // name ⇒ sha256
	Proof     *Proof            `json:"proof,omitempty"`
}

// Proof is the result of checking a model with reference translations.
type Proof struct {
	At         time.Time `json:"at"`
	Lines      int       `json:"lines"`
	BLEU, CHRF float64
}

// Installed describes an installed model.
type Installed struct {
	Name, Version, Source string
	Trusted               bool
	At                    time.Time
	Bytes                 int64
	Known                 bool   // this program knows its weights
	Proof                 *Proof // nil: not checked
}

// List returns the installed models, by name. Folders that are not readable models are left out.
func (m Models) List() (out []Installed, err error) {
	entries, err := os.ReadDir(m.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		dir := filepath.Join(m.Dir, e.Name())
		k, err := readManifest(dir)
		if err != nil || k == nil || !plain(e.Name()) {
			continue
		}
		in := Installed{
			Name:    e.Name(),
			Version: k.Version,
			Source:  k.Source,
			Trusted: k.Trusted,
			At:      k.Installed,
			Proof:   k.Proof,
		}
		for name, sum := range k.Files {
			in.Known = in.Known || sum == pinned[e.Name()]
			if info, err := os.Stat(filepath.Join(dir, name)); err == nil {
				in.Bytes += info.Size()
			}
		}
		out = append(out, in)
	}
	return out, err
}

// Remove deletes a model and the remains of broken downloads of it.
func (m Models) Remove(name string) error {
	dir, err := m.Find(name)
	if err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(dir), os.RemoveAll(filepath.Join(m.Dir, ".partial")))
}

// InstallFolder installs the files of a folder, compressed or not. Without trust every file must be known
// to this program, which knows the hashes of weights only; shortlists and vocabularies need trust.
func (m Models) InstallFolder(name, from string, trust bool) error {
	if !plain(name) {
		return fmt.Errorf("%q is no name of a model", name)
	}
	if err := os.MkdirAll(m.Dir, 0o755); err != nil {
		return err
	}
	staged, err := os.MkdirTemp(m.Dir, ".staged-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(staged)
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	known := manifest{Model: name, Source: "folder", Trusted: trust, Files: map[string]string{}}
	for _, e := range entries {
		file := strings.TrimSuffix(strings.TrimSuffix(e.Name(), ".gz"), ".zst")
		if e.IsDir() || !plain(file) || !strings.HasSuffix(file, ".bin") && !strings.HasSuffix(file, ".spm") {
			continue
		}
		if known.Files[file] != "" {
			return fmt.Errorf("%s holds %s twice", from, file)
		}
		sum, err := unpack(filepath.Join(from, e.Name()), filepath.Join(staged, file), 0)
		if err != nil {
			return fmt.Errorf("%s: %w", e.Name(), err)
		}
		known.Files[file] = sum
	}
	if _, err := findFiles(staged); err != nil {
		return errors.New(strings.ReplaceAll(err.Error(), staged, from))
	}
	if !trust {
		for file, sum := range known.Files {
			if sum != pinned[name] {
				return fmt.Errorf("%s has no known hash (sha256 %s); --trust installs it all the same", file, sum)
			}
		}
	}
	return m.install(name, staged, known)
}

// install replaces the model's folder by a folder of files, after loading them as a model.
func (m Models) install(name, staged string, known manifest) error {
	known.Installed = time.Now().UTC().Truncate(time.Second)
	if err := writeManifest(staged, known); err != nil {
		return err
	}
	s, err := loadStudent(staged)
	if err != nil {
		return err
	}
	s.close()
	if err := os.Chmod(staged, 0o755); err != nil {
		return err
	}
	dir := filepath.Join(m.Dir, name)
	old := staged + "-old"
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(staged, dir); err != nil {
		return errors.Join(err, os.Rename(old, dir))
	}
	return os.RemoveAll(old)
}

// SetProof records the result of a check.
func (m Models) SetProof(name string, p Proof) error {
	dir, err := m.Find(name)
	if err != nil {
		return err
	}
	k, err := readManifest(dir)
	if err != nil {
		return err
	}
	k.Proof = &p
	return writeManifest(dir, *k)
}

func writeManifest(dir string, k manifest) error {
	data, err := json.MarshalIndent(k, "", "  ")
	if err != nil {
		return err
	}
	next := filepath.Join(dir, manifestName+".new")
	if err := os.WriteFile(next, append(data, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(next, filepath.Join(dir, manifestName))
}

// readManifest returns nil if the folder has no manifest, as when a person filled it.
func readManifest(dir string) (*manifest, error) {
	data, err := os.ReadFile(filepath.Join(dir, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	k := &manifest{}
	if err := json.Unmarshal(data, k); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, manifestName), err)
	}
	return k, nil
}

// verify checks a file against the manifest.
func (k *manifest) verify(name string, data []byte) error {
	if k == nil {
		return nil
	}
	sum := sha256.Sum256(data)
	if want := k.Files[name]; hex.EncodeToString(sum[:]) != want {
		return fmt.Errorf("it is not what was installed (sha256 %x…, not %.12s…): pull the model again", sum[:6], want)
	}
	return nil
}
