package offline

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Models are those that are installed, each in a folder of its name beneath Dir.
type Models struct{ Dir string }

// UserModels is where this user's models lie: in $XDG_DATA_HOME/nashra/models or what stands for it on the system.
func UserModels() (Models, error) {
	base := os.Getenv("XDG_DATA_HOME")
	if !filepath.IsAbs(base) {
		home, err := os.UserHomeDir()
		if err != nil {
			return Models{}, fmt.Errorf("where models are kept: %w; set XDG_DATA_HOME", err)
		}
		switch runtime.GOOS {
		case "darwin":
			base = filepath.Join(home, "Library", "Application Support")
		case "windows":
			if base = os.Getenv("LocalAppData"); base == "" {
				base = filepath.Join(home, "AppData", "Local")
			}
		default:
			base = filepath.Join(home, ".local", "share")
		}
	}
	return Models{filepath.Join(base, "nashra", "models")}, nil
}

// MissingError says that a model is not installed, and why it could not be fetched.
type MissingError struct {
	Model string
	Err   error // nil: nobody tried
}

func (e *MissingError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("the model %s is not here and could not be fetched: %v", e.Model, e.Err)
	}
	return fmt.Sprintf("the model %s is not here", e.Model)
}

func (e *MissingError) Unwrap() error { return e.Err }

// Find is the folder of an installed model; a *MissingError where there is none.
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

// manifestName is the file that says what was installed.
const manifestName = "manifest.json"

// manifest is what is known of an installed model.
type manifest struct {
	Model     string            `json:"model"`
	Version   string            `json:"version,omitempty"` // the registry's
	Source    string            `json:"source"`            // host, or "folder"
	Trusted   bool              `json:"trusted"`           // taken without a hash that was known before
	Installed time.Time         `json:"installed"`
	Files     map[string]string `json:"files"` // name ⇒ sha256
	Proof     *Proof            `json:"proof,omitempty"`
}

// Proof is what a check of a model with reference translations has shown.
type Proof struct {
	At         time.Time `json:"at"`
	Lines      int       `json:"lines"`
	BLEU, CHRF float64
}

// Installed is an installed model.
type Installed struct {
	Name, Version, Source string
	Trusted               bool
	At                    time.Time
	Bytes                 int64
	Known                 bool   // its weights are those that this program was written for
	Proof                 *Proof // nil: it has not been checked
}

// List is what is installed, by name. A folder that cannot be read as a model is left out.
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
		in := Installed{Name: e.Name(), Version: k.Version, Source: k.Source, Trusted: k.Trusted, At: k.Installed, Proof: k.Proof}
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

// Remove deletes a model and what a broken download of it left.
func (m Models) Remove(name string) error {
	dir, err := m.Find(name)
	if err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(dir), os.RemoveAll(filepath.Join(m.Dir, ".partial")))
}

// InstallFolder installs the files of a folder, compressed or not. Without trust each must be one that this program knows, and of a
// model it knows the weights alone: shortlist and vocabularies have no hash but the registry's.
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
				return fmt.Errorf("%s has no hash to be checked against (sha256 %s); --trust takes the folder's word for it", file, sum)
			}
		}
	}
	return m.install(name, staged, known)
}

// install puts a folder of files in place of what the model had, once they have been read as a model.
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

// SetProof notes what a check has shown.
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

// readManifest is nil where the folder has none: one that a person filled.
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

// verify checks that a file is what was installed.
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
