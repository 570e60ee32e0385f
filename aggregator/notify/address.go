package notify

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/nashra/nashra/feeds"
)

// service is a kind of target, by the scheme of its address.
type service struct {
	scheme string
	form   string // of its address, for hints
	params []string
	open   func(a *address) (carrier, *Mistake)
}

// services lists the kinds of targets. Addresses have the forms that shoutrrr documents.
func services() []service {
	return []service{
		{"ntfy", "ntfy://ntfy.sh/topic, with user:password@ or :token@ where the topic is protected",
			[]string{"scheme", "disabletls", "priority", "tags", "icon", "cache", "firebase"}, openNtfy},
		{"telegram", "telegram://123456:token@telegram?chats=@channel",
			[]string{"chats", "channels", "notification", "preview"}, openTelegram},
		{"discord", "discord://token@webhookid, of https://discord.com/api/webhooks/webhookid/token",
			[]string{"thread_id", "username", "avatar", "avatarurl"}, openDiscord},
		{"slack", "slack://hook:A-B-C@webhook of https://hooks.slack.com/services/A/B/C, or slack://xoxb:token@channel",
			nil, openSlack},
		{"matrix", "matrix://:token@matrix.example/?rooms=!room:example or matrix://user:password@…",
			[]string{"rooms", "room", "disabletls"}, openMatrix},
		{"smtp", "smtp://user:password@mail.example:587/?from=a@example.com&to=b@example.com",
			[]string{"from", "fromaddress", "fromname", "to", "toaddresses", "encryption", "requirestarttls",
				"clienthost"}, openSMTP},
		{"https", "https://host/path", nil, openWebhook},
		{"http", "http://host/path", nil, openWebhook},
	}
}

// escapes is what to write for letters that part an address.
const escapes = "in names and passwords write %23 for #, %25 for %, %2F for /, %3F for ?, %40 for @, %5E for ^"

// address is the url of a target while it is read.
type address struct {
	*url.URL
	name     string // of the service, for errors
	password string
	query    url.Values // by parameters in lower case, as shoutrrr reads them
	secret   string     // of the target
}

// open reads the address of a target.
func open(t feeds.Target) (*address, carrier, *Mistake) {
	all, i := services(), -1
	var names []string
	for n, s := range all {
		names = append(names, s.scheme)
		if strings.HasPrefix(strings.TrimSpace(t.URL), s.scheme+":") {
			i = n
		}
	}
	if i < 0 {
		return nil, nil, &Mistake{"url", "begins with no service that nashra knows",
			"write one of " + strings.Join(names, "://, ") + "://"}
	}
	s := all[i]
	u, err := url.Parse(strings.TrimSpace(t.URL))
	if err != nil || u.Opaque != "" {
		return nil, nil, &Mistake{"url", "is not an address", "write " + s.form + "; " + escapes}
	}
	if u.Fragment != "" {
		return nil, nil, &Mistake{"url", "ends at its #", escapes}
	}
	a := &address{URL: u, name: u.Host, query: url.Values{}, secret: t.Secret}
	a.password, _ = u.User.Password()
	if s.scheme != "http" && s.scheme != "https" {
		if t.Secret != "" {
			return nil, nil, &Mistake{"secret", "signs what is sent to http and https only", "remove it"}
		}
		if m := a.readQuery(s); m != nil {
			return nil, nil, m
		}
	}
	c, m := s.open(a)
	if m != nil && m.Hint == "" {
		m.Hint = "write " + s.form
	}
	return a, c, m
}

// readQuery reads the parameters, of which s has some.
func (a *address) readQuery(s service) *Mistake {
	query, err := url.ParseQuery(strings.ReplaceAll(a.RawQuery, "+", "%2B")) // + is common in addresses of mail
	if err != nil {
		return &Mistake{"url", "has parameters that cannot be read", "write " + s.form}
	}
	for key, values := range query {
		key = strings.ToLower(key)
		if !slices.Contains(s.params, key) {
			hint := "remove them: " + s.scheme + " has none here"
			if len(s.params) > 0 {
				hint = "known are " + strings.Join(s.params, ", ")
			}
			return &Mistake{"url", "has a parameter that nashra does not know", hint}
		}
		a.query[key] = values
	}
	return nil
}

// param returns the parameter with one of these names, or "".
func (a *address) param(names ...string) string {
	for _, name := range names {
		if v := a.query.Get(name); v != "" {
			return v
		}
	}
	return ""
}

// flag returns a parameter that says yes or no.
func (a *address) flag(name string, otherwise bool) bool {
	switch strings.ToLower(a.query.Get(name)) { // the words of shoutrrr
	case "yes", "true", "1":
		return true
	case "no", "false", "0":
		return false
	}
	return otherwise
}

// base returns the address of a host that answers HTTP: with TLS, unless disableTLS is set.
func (a *address) base() *url.URL {
	scheme := "https"
	if a.flag("disabletls", false) {
		scheme = "http"
	}
	return &url.URL{Scheme: scheme, Host: a.Host}
}

// bare reports whether a has a host and a port that can be dialled.
func (a *address) bare() bool {
	return a.Hostname() != "" && (a.Port() != "0" && !strings.HasSuffix(a.Host, ":"))
}

// hostPort returns the host with a port.
func (a *address) hostPort(port string) string {
	if a.Port() != "" {
		port = a.Port()
	}
	return net.JoinHostPort(a.Hostname(), port)
}

// secrets returns the parts of the address that no error may repeat: passwords, tokens, topics, and whatever
// a webhook's address holds. Shorter ones than four letters would be found in ordinary words, and protect
// nothing.
func (a *address) secrets() (out []string) {
	parts := append(strings.Split(a.Path+"/"+a.EscapedPath(), "/"), a.secret, a.password, a.User.String(),
		strings.TrimPrefix(basic(a.User).Get("Authorization"), "Basic "))
	between := func(r rune) bool { return strings.ContainsRune("-:/", r) }
	parts = append(parts, strings.FieldsFunc(a.password, between)...)
	if a.password == "" { // Discord's token
		parts = append(parts, a.User.Username())
	}
	if a.Scheme == "http" || a.Scheme == "https" {
		parts = append(parts, a.RawQuery)
		for _, values := range a.Query() {
			parts = append(parts, values...)
		}
	}
	for _, p := range parts {
		if len(p) >= 4 {
			out = append(out, p)
		}
	}
	return out
}
