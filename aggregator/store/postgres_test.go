package store

import (
	"database/sql"
	"errors"
	"fmt"
	"net"
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
)

// server is the PostgreSQL that tests use: that of NASHRA_TEST_POSTGRES, else a private one.
var server struct {
	sync.Once
	url  string
	err  error
	stop func()
}

func TestMain(m *testing.M) {
	if role := os.Getenv("NASHRA_TEST_HOLD"); role != "" {
		hold(role)
	}
	code := m.Run()
	if server.stop != nil {
		server.stop()
	}
	os.Exit(code)
}

// postgresSchema gives the address of an empty schema.
func postgresSchema(t testing.TB) string {
	t.Helper()
	server.Do(func() {
		if server.url = os.Getenv("NASHRA_TEST_POSTGRES"); server.url == "" {
			server.url, server.stop, server.err = startPostgres()
		}
	})
	if server.err != nil {
		text := fmt.Sprintf("no PostgreSQL (%v): install its server (apt-get install postgresql) or set NASHRA_TEST_POSTGRES=postgres://…", server.err)
		if os.Getenv("CI") == "true" {
			t.Fatal(text)
		}
		t.Skip(text)
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

// startPostgres starts the newest installed server on a port of loopback, with an ordering of texts that is not that of bytes.
func startPostgres() (address string, stop func(), err error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if p, err := exec.LookPath("initdb"); err == nil {
		found = append(found, p)
	}
	if len(found) == 0 {
		return "", nil, errors.New("its programs are not installed")
	}
	bin := filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return major(a) - major(b) }))
	dir, err := os.MkdirTemp("", "nashra-postgres-")
	if err != nil {
		return "", nil, err
	}
	run := func(name string, args ...string) error {
		args = append([]string{filepath.Join(bin, name)}, args...)
		if os.Geteuid() == 0 { // it refuses to run as root
			args = append([]string{"runuser", "-u", "postgres", "--"}, args...)
		}
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = dir
		log, err := os.Create(filepath.Join(dir, name+".log")) // a pipe would stay open as long as the server runs
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
	if os.Geteuid() == 0 {
		if err := give(dir, "postgres"); err != nil {
			return "", nil, err
		}
	}
	data := filepath.Join(dir, "data")
	common := []string{"-D", data, "-U", "nashra", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8"}
	if run("initdb", append(common, "--locale-provider=icu", "--icu-locale=ar")...) != nil { // before PostgreSQL 15
		if err := run("initdb", common...); err != nil {
			return "", nil, err
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	options := fmt.Sprintf("-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c full_page_writes=off", port)
	if err := run("pg_ctl", "-D", data, "-w", "-o", options, "start"); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = run("pg_ctl", "-D", data, "-m", "immediate", "stop")
		_ = os.RemoveAll(dir)
	}
	return fmt.Sprintf("postgres://nashra@127.0.0.1:%d/postgres?sslmode=disable", port), stop, nil
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
