package notify

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
)

// certificate is httptest's own, for 127.0.0.1, which TestMain has the system trust.
var certificate tls.Certificate

func TestMain(m *testing.M) {
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	certificate = srv.TLS.Certificates[0]
	srv.Close()
	dir, err := os.MkdirTemp("", "notify")
	if err != nil {
		panic(err)
	}
	file := filepath.Join(dir, "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]})
	if err := os.WriteFile(file, block, 0o600); err != nil {
		panic(err)
	}
	os.Setenv("SSL_CERT_FILE", file)
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// mailServer stands for a mail server (RFC 5321, 3207, 4954).
type mailServer struct {
	startTLS bool
	implicit bool
	auth     string            // the ways to log in that it offers
	refuse   map[string]string // answers by command
	mails    chan received
}

type received struct {
	user, password string
	secure         bool
	from           string
	to             []string
	body           string
}

// listen serves until the test ends, and returns the address.
func (s *mailServer) listen(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.mails = make(chan received, 10)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return l.Addr().String()
}

func (s *mailServer) serve(conn net.Conn) {
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	var got received
	if s.implicit {
		conn, got.secure = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{certificate}}), true
	}
	defer func() { conn.Close() }()
	r := bufio.NewReader(conn)
	line := func() string { text, _ := r.ReadString('\n'); return strings.TrimRight(text, "\r\n") }
	say := func(text string) { io.WriteString(conn, text+"\r\n") }
	decoded := func(text string) string { b, _ := base64.StdEncoding.DecodeString(text); return string(b) }
	say("220 mail.example ESMTP")
	for {
		text := line()
		verb, rest, _ := strings.Cut(text, " ")
		verb = strings.ToUpper(verb)
		if answer := s.refuse[verb]; answer != "" {
			say(answer)
			continue
		}
		switch verb {
		case "EHLO":
			say("250-mail.example")
			if s.startTLS && !got.secure {
				say("250-STARTTLS")
			}
			if s.auth != "" {
				say("250-AUTH " + s.auth)
			}
			say("250 SIZE 1000000")
		case "STARTTLS":
			say("220 go ahead")
			conn = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{certificate}})
			r, got.secure = bufio.NewReader(conn), true
		case "AUTH":
			way, first, _ := strings.Cut(rest, " ")
			if way == "LOGIN" {
				say("334 VXNlcm5hbWU6")
				got.user = decoded(line())
				say("334 UGFzc3dvcmQ6")
				got.password = decoded(line())
			} else if parts := strings.Split(decoded(first), "\x00"); len(parts) == 3 {
				got.user, got.password = parts[1], parts[2]
			}
			if got.password != "secret" {
				say("535 5.7.8 Authentication credentials invalid: " + got.password)
				continue
			}
			say("235 2.7.0 Authentication successful")
		case "MAIL":
			got.from = rest
			say("250 ok")
		case "RCPT":
			got.to = append(got.to, rest)
			say("250 ok")
		case "DATA":
			say("354 go on")
			var b strings.Builder
			for text := line(); text != "."; text = line() {
				b.WriteString(strings.TrimPrefix(text, ".") + "\r\n")
			}
			if answer := s.refuse["."]; answer != "" {
				say(answer)
				continue
			}
			got.body = b.String()
			s.mails <- got
			say("250 queued")
		case "QUIT", "":
			say("221 bye")
			return
		default:
			say("500 what?")
		}
	}
}

// mailSender makes the sender of an address at a server.
func mailSender(t *testing.T, user, at, query string) *Sender {
	t.Helper()
	const people = "/?from=news@a.example&fromname=نشرة&to=b+news@b.example,c@c.example"
	s, err := NewSender(feeds.Target{URL: "smtp://" + user + at + people + query},
		http.DefaultClient, func(ctx context.Context, address string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", address)
		})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMailIsSent(t *testing.T) {
	for name, c := range map[string]struct {
		server      mailServer
		user, query string
		secure      bool
	}{
		"plain":           {mailServer{}, "", "", false},
		"STARTTLS":        {mailServer{startTLS: true, auth: "PLAIN LOGIN"}, "u:secret@", "", true},
		"wanted STARTTLS": {mailServer{startTLS: true}, "", "&requireStartTLS=yes", true},
		"implicit TLS":    {mailServer{implicit: true, auth: "PLAIN"}, "u:secret@", "&encryption=ImplicitTLS", true},
		"LOGIN alone":     {mailServer{startTLS: true, auth: "GSSAPI NTLM LOGIN"}, "u:secret@", "", true},
		"in the clear":    {mailServer{auth: "PLAIN"}, "u:secret@", "&encryption=none", false},
		"no TLS wanted":   {mailServer{startTLS: true}, "", "&encryption=None", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := mailSender(t, c.user, c.server.listen(t), c.query)
			m := story()
			m.Text = ".\n..dots\n" + strings.Repeat("سطر طويل ", 300)
			if err := s.Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			got := <-c.server.mails
			if got.secure != c.secure || c.user != "" && got.user+":"+got.password != "u:secret" {
				t.Errorf("secure %v, user %q", got.secure, got.user)
			}
			if got.from != "FROM:<news@a.example>" || fmt.Sprint(got.to) != "[TO:<b+news@b.example> TO:<c@c.example>]" {
				t.Errorf("%s to %v", got.from, got.to)
			}
			checkMail(t, got.body, m)
		})
	}
}

// checkMail reads a mail as mail programs do.
func checkMail(t *testing.T, body string, m Message) {
	t.Helper()
	for _, line := range strings.Split(body, "\r\n") {
		if len(line) > len("Subject: ")+75 { // RFC 2047: an encoded word has at most 75
			t.Errorf("a line of %d", len(line))
		}
	}
	read, err := mail.ReadMessage(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject"))
	if err != nil || subject != m.Title {
		t.Errorf("subject %q, %v", subject, err)
	}
	from, err := mail.ParseAddress(read.Header.Get("From"))
	if err != nil || from.Name != "نشرة" {
		t.Errorf("from %v, %v", from, err)
	}
	if at, err := read.Header.Date(); err != nil || !at.Equal(m.Time) ||
		read.Header.Get("Message-ID") != "<story-1@a.example>" {
		t.Errorf("%v, %v, %s", at, err, read.Header.Get("Message-ID"))
	}
	text, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, read.Body))
	if err != nil || strings.ReplaceAll(string(text), "\r\n", "\n") != lines(m.Title, m.Text, m.URL)+"\n" {
		t.Errorf("%v\n%.200s", err, text)
	}
}

func TestMailIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		server      mailServer
		user, query string
		final       bool
		want, hint  string
	}{
		"wrong password": {mailServer{startTLS: true, auth: "PLAIN"}, "u:wrong-secret@", "", false,
			"AUTH: status 535", "password"},
		"no TLS": {mailServer{}, "", "&requirestarttls=yes", false, "the server offers no TLS", "587"},
		"no way to log in": {mailServer{startTLS: true, auth: "GSSAPI NTLM"}, "u:secret@", "", false,
			"the server offers no way to log in that nashra knows (PLAIN, LOGIN)", ""},
		"sender": {mailServer{refuse: map[string]string{"MAIL": "553 5.7.1 not yours"}}, "", "", false,
			"MAIL: status 553: 5.7.1 not yours", "from"},
		"TLS or user": {mailServer{refuse: map[string]string{"MAIL": "530 5.7.0 Must issue a STARTTLS command first"}},
			"", "", false, "MAIL: status 530: 5.7.0 Must issue a STARTTLS command first", "wants TLS, or a user"},
		"recipient": {mailServer{refuse: map[string]string{"RCPT": "550 5.1.1 no such user"}}, "", "", false,
			"RCPT: status 550: 5.1.1 no such user", "to in"},
		"later": {mailServer{refuse: map[string]string{".": "451 4.7.1 greylisted"}}, "", "", false,
			"DATA: status 451: 4.7.1 greylisted", ""},
		"content": {mailServer{refuse: map[string]string{".": "554 5.7.1 spam"}}, "", "", true,
			"DATA: status 554: 5.7.1 spam", ""},
	} {
		t.Run(name, func(t *testing.T) {
			at := c.server.listen(t)
			err := mailSender(t, c.user, at, c.query).Send(t.Context(), story())
			var e *Error
			if !errors.As(err, &e) || e.Error() != at+": "+c.want || !strings.Contains(e.Hint, c.hint) {
				t.Fatalf("%v, %+v", err, e)
			}
			if e.Final != c.final || e.Target == c.final || strings.Contains(e.Error(), "secret") {
				t.Errorf("%+v", e)
			}
			if len(c.server.mails) > 0 {
				t.Error("a mail was accepted")
			}
		})
	}
}

// TestMailWaitsNotForEver cancels while a server says nothing.
func TestMailWaitsNotForEver(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	err = mailSender(t, "", l.Addr().String(), "").Send(ctx, story())
	if err == nil || time.Since(begun) > 5*time.Second {
		t.Errorf("%v after %v", err, time.Since(begun))
	}
}
