package notify

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"
)

// mailer sends mail through a server (RFC 5321).
type mailer struct {
	address        string // host:port
	host           string
	user, password string
	hello          string // how we name ourselves
	encryption     string // auto, none, explicittls or implicittls
	from           mail.Address
	to             []*mail.Address
}

// mailBytes limits a mail's text; servers take megabytes.
const mailBytes = 64 << 10

func openSMTP(a *address) (carrier, *Mistake) {
	if !a.bare() || strings.Trim(a.Path, "/") != "" {
		return nil, &Mistake{Key: "url", Problem: "names no server"}
	}
	encryption := strings.ToLower(a.param("encryption"))
	switch encryption {
	case "auto", "":
		encryption = "auto"
		if a.Port() == "465" {
			encryption = "implicittls" // RFC 8314
		}
		if a.flag("requirestarttls", false) {
			encryption = "explicittls"
		}
	case "none", "explicittls", "implicittls":
	default:
		return nil, &Mistake{"url", "has an encryption that is none",
			"write encryption=auto, None, ExplicitTLS or ImplicitTLS"}
	}
	port := "25" // as shoutrrr has it; 587 is usual for users with a password
	if encryption == "implicittls" {
		port = "465"
	}
	from, err := mail.ParseAddress(a.param("from", "fromaddress"))
	if err != nil {
		return nil, &Mistake{Key: "url", Problem: "names no sender"}
	}
	to, err := mail.ParseAddressList(a.param("to", "toaddresses"))
	if err != nil {
		return nil, &Mistake{Key: "url", Problem: "names no recipient"}
	}
	if name := a.param("fromname"); name != "" {
		from.Name = oneLine(name)
	}
	hello := a.param("clienthost")
	if hello == "" || strings.ContainsAny(hello, "\r\n ") {
		hello = "localhost" // net/smtp's own, and shoutrrr's
	}
	return &mailer{a.hostPort(port), a.Hostname(), a.User.Username(), a.password, hello, encryption, *from, to}, nil
}

func (r *mailer) send(ctx context.Context, s *Sender, m Message) error {
	conn, err := s.dial(ctx, r.address)
	if err != nil {
		return s.failed(ctx, err)
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if r.encryption == "implicittls" {
		conn = tls.Client(conn, &tls.Config{ServerName: r.host})
	}
	c, err := smtp.NewClient(conn, r.host)
	if err != nil {
		return s.mailFailed(ctx, "greeting", err)
	}
	if step, err := r.converse(c, m); err != nil {
		return s.mailFailed(ctx, step, err)
	}
	_ = c.Quit() // the mail is accepted already
	return nil
}

// errNoTLS says that a password would be sent in the clear, or that TLS was asked for.
var errNoTLS = errors.New("the server offers no TLS")

// converse sends m. It returns the step that failed.
func (r *mailer) converse(c *smtp.Client, m Message) (step string, err error) {
	if err := c.Hello(r.hello); err != nil {
		return "EHLO", err
	}
	if r.encryption == "auto" || r.encryption == "explicittls" {
		if ok, _ := c.Extension("STARTTLS"); ok {
			if err := c.StartTLS(&tls.Config{ServerName: r.host}); err != nil {
				return "STARTTLS", err
			}
		} else if r.encryption == "explicittls" {
			return "STARTTLS", errNoTLS
		}
	}
	if r.password != "" {
		if err := r.logIn(c); err != nil {
			return "AUTH", err
		}
	}
	if err := c.Mail(r.from.Address); err != nil {
		return "MAIL", err
	}
	for _, to := range r.to {
		if err := c.Rcpt(to.Address); err != nil {
			return "RCPT", err
		}
	}
	w, err := c.Data()
	if err != nil {
		return "DATA", err
	}
	if _, err := w.Write(r.compose(m)); err != nil {
		return "DATA", err
	}
	return "DATA", w.Close()
}

// logIn sends user and password in the first way that the server offers. It sends them in the clear only
// to this machine, or if the address says encryption=none.
func (r *mailer) logIn(c *smtp.Client) error {
	_, offered := c.Extension("AUTH")
	_, secure := c.TLSConnectionState()
	ip := net.ParseIP(r.host)
	if !secure && r.encryption != "none" && r.host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return errNoTLS
	}
	for _, way := range strings.Fields(strings.ToUpper(offered)) {
		switch way {
		case "PLAIN":
			return c.Auth(plainAuth{r.user, r.password})
		case "LOGIN":
			return c.Auth(loginAuth{r.user, r.password})
		}
	}
	return errors.New("the server offers no way to log in that nashra knows (PLAIN, LOGIN)")
}

// plainAuth is AUTH PLAIN (RFC 4616). That of net/smtp refuses what encryption=none asks for.
type plainAuth struct{ user, password string }

func (p plainAuth) Start(*smtp.ServerInfo) (string, []byte, error) {
	return "PLAIN", []byte("\x00" + p.user + "\x00" + p.password), nil
}

func (p plainAuth) Next(_ []byte, more bool) ([]byte, error) {
	if more {
		return nil, errors.New("the server asks for more than user and password")
	}
	return nil, nil
}

// loginAuth is AUTH LOGIN, which some servers have alone (draft-murchison-sasl-login).
type loginAuth struct{ user, password string }

func (l loginAuth) Start(*smtp.ServerInfo) (string, []byte, error) { return "LOGIN", nil, nil }

func (l loginAuth) Next(asked []byte, more bool) ([]byte, error) {
	switch {
	case !more:
		return nil, nil
	case strings.HasPrefix(strings.ToLower(string(asked)), "user"):
		return []byte(l.user), nil
	case strings.HasPrefix(strings.ToLower(string(asked)), "pass"):
		return []byte(l.password), nil
	}
	return nil, errors.New("the server asks for something else than user and password")
}

// compose returns m as a mail (RFC 5322).
func (r *mailer) compose(m Message) []byte {
	title, text, link := parts(m, mailBytes, inBytes)
	var to []string
	for _, a := range r.to {
		to = append(to, a.String())
	}
	_, domain, _ := strings.Cut(r.from.Address, "@")
	var b strings.Builder
	for _, h := range [][2]string{
		{"From", r.from.String()}, {"To", strings.Join(to, ", ")}, {"Subject", mime.BEncoding.Encode("utf-8", title)},
		{"Date", m.Time.UTC().Format(time.RFC1123Z)}, {"Message-ID", "<" + m.ID + "@" + domain + ">"},
		{"Auto-Submitted", "auto-generated"}, {"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"}, {"Content-Transfer-Encoding", "base64"},
	} {
		// a line for each encoded word
		b.WriteString(h[0] + ": " + strings.ReplaceAll(h[1], "?= =?", "?=\r\n =?") + "\r\n")
	}
	plain := strings.ReplaceAll(lines(title, text, link), "\n", "\r\n") + "\r\n"
	body := base64.StdEncoding.EncodeToString([]byte(plain))
	for len(body) > 0 {
		n := min(len(body), 76) // RFC 2045
		b.WriteString("\r\n" + body[:n])
		body = body[n:]
	}
	b.WriteString("\r\n")
	return []byte(b.String())
}

// mailFailed returns the error of a step.
func (s *Sender) mailFailed(ctx context.Context, step string, err error) *Error {
	var code *textproto.Error
	if !errors.As(err, &code) {
		e := s.failed(ctx, err)
		if errors.Is(err, errNoTLS) {
			e.Hint = "write the port that speaks TLS, 587 or 465, or encryption=none to do without"
		}
		return e
	}
	e := &Error{Target: true, text: fmt.Sprintf("%s: %s: status %d", s.host, step, code.Code), cause: err}
	switch {
	case step == "AUTH":
		e.Hint = "check user and password in the target's url; many services want a password for apps"
		return e // a broken server may repeat what it was sent
	case code.Code == 530: // RFC 3207 and 4954
		e.Hint = "the server wants TLS, or a user and a password in the target's url"
	case step == "MAIL":
		e.Hint = "check from in the target's url: the server may want the user's own address"
	case step == "RCPT":
		e.Hint = "check to in the target's url"
	case step == "DATA" && code.Code/100 == 5:
		e.Final, e.Target = true, false
	}
	return s.adding(e, code.Msg)
}
