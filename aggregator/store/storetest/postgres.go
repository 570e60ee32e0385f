package storetest

import (
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// server is the PostgreSQL of a test program: that of NASHRA_TEST_POSTGRES, or else a private one.
var server struct {
	sync.Once
	url  string
	err  error
	stop func()
}

// Main runs a test program's tests and stops the server that Postgres started. TestMain passes its
// result to os.Exit.
func Main(m *testing.M) int {
	code := m.Run()
	if server.stop != nil {
		server.stop()
	}
	http.DefaultClient.CloseIdleConnections() // of tests that used it
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, "a goroutine is left behind:", err)
		return 1
	}
	return code
}

// Postgres returns the address of an empty schema, which is dropped when the test ends. Without a
// server the test is skipped. The program must import pgx's driver, as the store does.
func Postgres(t testing.TB) string {
	t.Helper()
	server.Do(func() {
		if server.url = os.Getenv("NASHRA_TEST_POSTGRES"); server.url != "" {
			return
		}
		var c *Cluster
		if c, server.err = newCluster(""); server.err == nil {
			server.url, server.stop = c.Address, c.remove
			server.err = c.Start()
		}
	})
	if server.err != nil {
		skip(t, server.err)
	}
	db, err := sql.Open("pgx", server.url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	schema := fmt.Sprintf("test_%d_%d", os.Getpid(), time.Now().UnixNano())
	if _, err := db.ExecContext(t.Context(), "CREATE SCHEMA "+schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		db, err := sql.Open("pgx", server.url)
		if err == nil {
			defer db.Close()
			_, err = db.Exec("DROP SCHEMA " + schema + " CASCADE")
		}
		if err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(server.url)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

// skip skips the test with a hint how to get a server. In CI a missing server is a failure.
func skip(t testing.TB, err error) {
	t.Helper()
	text := fmt.Sprintf("no PostgreSQL (%v): install its server (apt-get install postgresql) "+
		"or set NASHRA_TEST_POSTGRES=postgres://…", err)
	if os.Getenv("CI") == "true" {
		t.Fatal(text)
	}
	t.Skip(text)
}

// Cluster is a private PostgreSQL on a loopback port. It does not order texts by their bytes. The
// user nashra needs no password; the user locked is refused whatever its password.
type Cluster struct {
	Address string // of the database postgres, as nashra
	dir     string
	bin     string
	port    int
}

// NewCluster starts a cluster for one test, which may stop and start it. Without the server's
// programs the test is skipped.
func NewCluster(t testing.TB) *Cluster {
	t.Helper()
	return NewClusterIn(t, "")
}

// NewClusterIn is NewCluster with the data under dir, or among temporary files if dir is empty.
func NewClusterIn(t testing.TB, dir string) *Cluster {
	t.Helper()
	c, err := newCluster(dir)
	if err == nil {
		t.Cleanup(c.remove)
		err = c.Start()
	}
	if err != nil {
		skip(t, err)
	}
	return c
}

func newCluster(under string) (*Cluster, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if p, err := exec.LookPath("initdb"); err == nil {
		found = append(found, p)
	}
	if len(found) == 0 {
		return nil, errors.New("its programs are not installed")
	}
	dir, err := os.MkdirTemp(under, "nashra-postgres-")
	if err != nil {
		return nil, err
	}
	newest := slices.MaxFunc(found, func(a, b string) int { return major(a) - major(b) })
	c := &Cluster{dir: dir, bin: filepath.Dir(newest)}
	if os.Geteuid() == 0 {
		if err := give(dir, "postgres"); err != nil {
			return nil, err
		}
	}
	common := []string{"-D", c.data(), "-U", "nashra", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8"}
	if c.run("initdb", append(common, "--locale-provider=icu", "--icu-locale=ar")...) != nil { // before PostgreSQL 15
		if err := c.run("initdb", common...); err != nil {
			return nil, err
		}
	}
	rules := "host all locked 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n"
	if err := os.WriteFile(filepath.Join(c.data(), "pg_hba.conf"), []byte(rules), 0o600); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer l.Close()
	c.port = l.Addr().(*net.TCPAddr).Port
	c.Address = fmt.Sprintf("postgres://nashra@127.0.0.1:%d/postgres?sslmode=disable", c.port)
	return c, nil
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

// Start starts the cluster, for the first time or after Stop.
func (c *Cluster) Start() error {
	options := fmt.Sprintf("-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories= "+
		"-c fsync=off -c full_page_writes=off -c max_connections=300", c.port) // fleets of parallel tests share it
	return c.run("pg_ctl", "-D", c.data(), "-w", "-o", options, "start")
}

// Stop stops the cluster as a power cut would.
func (c *Cluster) Stop() error { return c.run("pg_ctl", "-D", c.data(), "-m", "immediate", "stop") }

func (c *Cluster) remove() {
	_ = c.Stop()
	_ = os.RemoveAll(c.dir)
}

// Process returns the process number of the server, the parent of its other processes.
func (c *Cluster) Process() (int, error) {
	b, err := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return strconv.Atoi(line)
}

// run runs one of the server's programs. They refuse to run as root, so root runs them as postgres.
func (c *Cluster) run(name string, args ...string) error {
	args = append([]string{filepath.Join(c.bin, name)}, args...)
	if os.Geteuid() == 0 {
		args = append([]string{"runuser", "-u", "postgres", "--"}, args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = c.dir
	log, err := os.Create(filepath.Join(c.dir, name+".log")) // a pipe would stay open as long as the server runs
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Run(); err != nil {
		out, _ := os.ReadFile(log.Name())
		return fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return nil
}

func major(path string) int {
	n, _ := strconv.Atoi(strings.Split(strings.TrimPrefix(path, "/usr/lib/postgresql/"), "/")[0])
	return n
}

func give(dir, name string) error {
	u, err := user.Lookup(name)
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	return os.Chown(dir, uid, -1)
}
