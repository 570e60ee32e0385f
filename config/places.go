package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

func (f *file) checkPlaces(c *Config) {
	f.checkStore(c.Store)
	if c.Publish.Dir == "" {
		f.wrong("publish.dir", "is empty", "name a folder, such as public")
	}
	f.checkURL("publish.url", c.Publish.URL)
	if u, err := url.Parse(c.Publish.URL); err == nil && (u.User != nil || u.RawQuery != "" || u.Fragment != "") {
		f.wrong("publish.url", "want an address without user, query and fragment", "write https://host/path/")
	}
	f.checkURL("publish.hub", c.Publish.Hub)
	if c.Publish.Thumbnails && c.Publish.Images == "off" {
		f.warn("publish.thumbnails", "no pictures are shown, as publish.images is off",
			"write images: remote, or remove it")
	}
	if c.Publish.Index && c.Publish.URL == "" {
		f.warn("publish.index", "search engines need publish.url for canonical addresses and sitemap.xml",
			"write url: https://host/ beside it")
	}
	f.checkURL("fetch.proxy", c.Fetch.Proxy, "socks5", "socks5h")
	f.checkListen("serve.listen", c.Serve.Listen, "8080")
	if c.Serve.Metrics != "" {
		f.checkListen("serve.metrics", c.Serve.Metrics, "9090")
	}
	f.checkAccess(c)
	f.checkSchedule("schedule", c.Schedule)
	f.checkZone("timezone", c.Timezone)
}

// storeForm is the form of a PostgreSQL store's address.
const storeForm = "write postgres://user:password@host:5432/database"

var (
	// keywords fits a libpq keyword string, as in host=db password=secret.
	keywords = regexp.MustCompile(`(?i)(^|\s)(host|hostaddr|user|password|dbname|service|sslmode)\s*=`)
	// otherStore fits the address of a database in another notation than postgres://.
	otherStore = regexp.MustCompile(`(?i)^(jdbc|postgres|postgresql|pgsql|psql|mysql|mariadb|sqlite3?):|^\w[\w+]+://`)
)

// checkStore checks the store's address. No message quotes it: it may hold a password.
func (f *file) checkStore(store string) {
	pg := strings.HasPrefix(store, "postgres://") || strings.HasPrefix(store, "postgresql://")
	u, err := url.Parse(store)
	switch {
	case store == "":
		f.wrong("store", "is empty", "name a file, or write a postgres:// address")
	case strings.ContainsRune(store, 0):
		f.wrong("store", "its file holds a database, not an address", "write the path of the SQLite file alone")
	case pg && err != nil:
		f.wrong("store", "is no address that can be read",
			storeForm+`; in a password write %23 for #, %25 for %, %2F for / and %40 for @`)
	case pg:
		f.warnPlainPostgres(u)
	case keywords.MatchString(store):
		f.wrong("store", "is a keyword string of libpq, not an address", storeForm)
	case strings.HasPrefix(strings.ToLower(store), "sqlite"):
		f.wrong("store", "is neither a file nor a postgres:// address", "write the path of the SQLite file alone")
	case otherStore.MatchString(store):
		f.wrong("store", "is neither a file nor a postgres:// address", storeForm+", or name a file")
	case strings.HasSuffix(store, "/"):
		f.wrong("store", "names a folder", "name a file in it, such as nashra.db")
	}
}

// warnPlainPostgres warns of a connection to another machine whose certificate is not verified.
func (f *file) warnPlainPostgres(u *url.URL) {
	query := u.Query()
	mode, host := query.Get("sslmode"), u.Hostname()
	if mode == "" {
		mode, _ = f.LookupEnv("PGSSLMODE")
	}
	if host == "" {
		host = query.Get("host")
	}
	ip, err := netip.ParseAddr(host)
	// A name without a dot is a container or a machine nearby; one with a slash is a socket.
	here := !strings.Contains(host, ".") || strings.HasPrefix(host, "/")
	if err == nil {
		here = ip.IsLoopback()
	}
	if !here && mode != "verify-full" && mode != "verify-ca" {
		f.warn("store", "the connection does not verify the database's certificate: others could read the password",
			"add sslmode=verify-full to the address")
	}
}

// checkListen checks an address to listen on; port is the usual one.
func (f *file) checkListen(path, address, port string) {
	host, given, err := net.SplitHostPort(address)
	if n, bad := strconv.ParseUint(given, 10, 16); err == nil && bad == nil && n <= 65535 {
		ip, err := netip.ParseAddr(host)
		everywhere := host == "" || err == nil && !ip.IsLoopback() && !ip.IsPrivate()
		if path == "serve.metrics" && everywhere {
			f.warn(path, "anyone who reaches this machine can read the operator's page and the metrics",
				"write 127.0.0.1:"+given)
		}
		return
	}
	if _, err := strconv.ParseUint(address, 10, 16); err == nil && f.refs[path] == "" {
		port = address
	}
	f.wrong(path, f.said(path, address)+" is not host:port", "write 127.0.0.1:"+port)
}

// minToken is how long serve.token should be at least: 16 random letters are too many to try, chosen on
// 2026-11-30.
const minToken = 16

// checkAccess checks who may read what is served.
func (f *file) checkAccess(c *Config) {
	const token = "serve.token"
	f.checkSecret(token, c.Serve.Token)
	if n := len(c.Serve.Token); n > 0 && n < minToken {
		f.warn(token, fmt.Sprintf("shorter than %d characters, it may be guessed", minToken),
			"write what openssl rand -hex 16 prints")
	}
	for i, name := range c.Serve.Hosts {
		if path := fmt.Sprintf("serve.hosts[%d]", i); !hostName.MatchString(name) {
			f.wrong(path, f.said(path, name)+" is not a host name", "write status.example.org, without scheme and port")
		}
	}
	for i, place := range c.Serve.TrustedProxies {
		if _, err := network(place); err != nil {
			path := fmt.Sprintf("serve.trusted_proxies[%d]", i)
			f.wrong(path, f.said(path, place)+" is not an address or a network", "write 203.0.113.7 or 10.0.0.0/8")
		}
	}
}

// hostName matches names as browsers send them in the Host header.
var hostName = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)
