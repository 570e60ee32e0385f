//go:build unix

package main

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nashra/nashra/aggregator/store/storetest"
)

// TestRoleOfCompose runs deploy/postgres/role.sh as PostgreSQL's image does, on a server that asks the
// role for its password. A fleet's member needs no more rights than that role has, and other roles
// cannot read its database. The password is not part of an address, so it may have any letters.
func TestRoleOfCompose(t *testing.T) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/psql")
	if p, err := exec.LookPath("psql"); err == nil {
		found = append(found, p)
	}
	if len(found) == 0 {
		t.Skip("no psql (apt-get install postgresql)")
	}
	cluster := storetest.NewCluster(t)
	server, err := url.Parse(cluster.Address)
	if err != nil {
		t.Fatal(err)
	}
	const password = `p@ss:/w'ör d%`
	env := append(os.Environ(), "PATH="+filepath.Dir(found[0])+":"+os.Getenv("PATH"), "PGHOST="+server.Hostname(),
		"PGPORT="+server.Port(), "PGSSLMODE=disable")
	psql := func(user, database, statements string) (string, error) {
		cmd := exec.Command("psql", "-XAt", "-v", "ON_ERROR_STOP=1", "-U", user, "-d", database, "-c", statements)
		cmd.Env = append(env, "PGPASSWORD="+password)
		out, err := cmd.CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
	must := func(user, database, statements string) string {
		t.Helper()
		out, err := psql(user, database, statements)
		if err != nil {
			t.Fatalf("%s: %v: %s", statements, err, out)
		}
		return out
	}
	// the cluster's superuser is called nashra: it makes room for the role
	must("nashra", "postgres", "CREATE ROLE postgres SUPERUSER LOGIN; CREATE ROLE other LOGIN")
	must("postgres", "postgres", "ALTER ROLE nashra RENAME TO bootstrap")
	role := exec.Command("sh", filepath.Join("..", "..", "deploy", "postgres", "role.sh"))
	role.Env = append(env, "PGUSER=postgres", "NASHRA_PASSWORD="+password)
	if out, err := role.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	rules := must("postgres", "postgres", "SHOW hba_file")
	must("postgres", "postgres", "COPY (VALUES ('host all nashra 127.0.0.1/32 scram-sha-256'), "+
		"('host all all 127.0.0.1/32 trust')) TO '"+rules+"'")
	must("postgres", "postgres", "SELECT pg_reload_conf()")
	if got := must("postgres", "postgres", "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR "+
		"rolbypassrls FROM pg_roles WHERE rolname = 'nashra'"); got != "f" {
		t.Error("the role has rights beyond its database")
	}
	if out, err := psql("other", "nashra", "SELECT 1"); err == nil {
		t.Errorf("another role reads the database: %s", out)
	}
	d := deployed(t)
	config, err := os.ReadFile(filepath.Join(d.dir, "nashra.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	d.config(t, "store: ${NASHRA_STORE}\n"+string(config))
	d.env = append(d.env, fmt.Sprintf("NASHRA_STORE=postgres://nashra@%s/nashra?sslmode=disable", server.Host))
	if out, err := exec.Command("env", append(d.env, "PGPASSWORD=wrong", d.program, "store", "check", "-c",
		filepath.Join(d.dir, "nashra.yaml"))...).CombinedOutput(); err == nil || strings.Count(string(out), "\n") > 2 {
		t.Errorf("a wrong password: %v\n%s", err, out)
	}
	d.env = append(d.env, "PGPASSWORD="+password)
	d.bash(t, "nashra fetch && nashra store check && nashra store backup copy.db")
	stop := d.serve(t, d.dir)
	d.members(t, 1)
	stop()
}
