package site

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"net/netip"
	"path"
	"strings"
	"sync"
	"time"
)

// secret holds hashes of a token.
type secret struct {
	sum    [sha256.Size]byte
	cookie string // the value of the cookie that stands for the token
}

func newSecret(token string) secret {
	cookie := sha256.Sum256([]byte("cookie of the token " + token))
	return secret{sha256.Sum256([]byte(token)), hex.EncodeToString(cookie[:])}
}

// is reports whether given is the token. It takes the same time for every wrong one.
func (s secret) is(given string) bool {
	sum := sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(sum[:], s.sum[:]) == 1
}

const (
	cookieName = "nashra"
	// cookieAge is how long a browser keeps the cookie: a year, chosen on 2026-11-30. Each opening with
	// ?t= begins it anew, another token ends it.
	cookieAge = 365 * 24 * time.Hour
	// retryAfter, in seconds, is what a client is asked to wait that gets a 429 or a 503.
	retryAfter = "30"
)

// authorized reports whether r has the token, if one is wanted: as ?t=, as the password of any user,
// or as the cookie that a page sets when it is opened with ?t=. Otherwise authorized answers r.
func (s *Server) authorized(w http.ResponseWriter, r *http.Request) bool {
	if s.Token == "" {
		return true
	}
	opened := r.URL.Query().Get("t")
	_, password, _ := r.BasicAuth()
	cookie, err := r.Cookie(cookieName)
	known := err == nil && subtle.ConstantTimeCompare([]byte(cookie.Value), []byte(s.token.cookie)) == 1
	switch client := s.from(r); {
	case s.token.is(opened):
		s.wrong.forget(client)
		if ext := path.Ext(r.URL.Path); ext == "" || ext == ".html" {
			s.setCookie(w, r)
		}
		return true
	case s.token.is(password):
		s.wrong.forget(client)
		return true
	case known:
		return true
	case opened+password != "" && s.wrong.tooMany(client):
		w.Header().Set("Retry-After", retryAfter)
		s.fail(w, r, http.StatusTooManyRequests)
		return false
	}
	w.Header().Set("WWW-Authenticate", `Basic realm="nashra", charset="UTF-8"`)
	s.fail(w, r, http.StatusUnauthorized)
	return false
}

// setCookie lets a browser open further pages without the token in their addresses.
func (s *Server) setCookie(w http.ResponseWriter, r *http.Request) {
	https := r.TLS != nil || s.proxied(r) && r.Header.Get("X-Forwarded-Proto") == "https"
	root := "/"
	if strings.HasPrefix(r.URL.Path, s.prefix+"/") {
		root = s.prefix + "/" // other programs on this host do not get it
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: s.token.cookie, Path: root, Secure: https,
		MaxAge: int(cookieAge.Seconds()), HttpOnly: true, SameSite: http.SameSiteStrictMode})
}

// wrongTokens counts the wrong tokens in a row of each client. The zero value is ready.
type wrongTokens struct {
	mu sync.Mutex
	by map[netip.Prefix]wrongToken
}

type wrongToken struct {
	times int
	last  time.Time
}

// Limits on wrong tokens, chosen on 2026-11-30.
const (
	maxWrong   = 10          // in a row from one client: nobody mistypes a token more often
	wrongLasts = time.Minute // without another one, the count begins anew
	maxClients = 10_000      // that are counted: 1 MB. Who has more addresses is not stopped by counting.
)

// client returns the addresses that count as one: a provider gives a home 2^64 of IPv6.
func client(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // the zero Prefix for an invalid address
	return p
}

// tooMany counts a wrong token and reports whether it is one of too many in a row.
func (g *wrongTokens) tooMany(from netip.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	w := g.by[client(from)]
	if time.Since(w.last) > wrongLasts {
		w.times = 0
	}
	if g.by == nil || len(g.by) >= maxClients && w.times == 0 {
		g.by = map[netip.Prefix]wrongToken{}
	}
	w.times, w.last = w.times+1, time.Now()
	g.by[client(from)] = w
	return w.times > maxWrong
}

// forget ends a client's row of wrong tokens.
func (g *wrongTokens) forget(from netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.by, client(from))
}
