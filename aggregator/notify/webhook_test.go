package notify

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/nashra/nashra/feeds"
)

// story is a message that holds what services take for markup.
func story() Message {
	return Message{ID: "story-1", Type: "story", Title: "أطلقت *OpenAI* <نموذجا> & [جديدا](x) _o3_ `mini`",
		Text: "AITnews, Tech-WD\n@everyone #tag", URL: "https://news.example/stories/1?a=1&b=2",
		Time: time.Date(2026, 11, 30, 7, 0, 0, 0, time.UTC), Payload: map[string]any{"outlets": 3}}
}

// sender makes the sender of an address.
func sender(t *testing.T, target feeds.Target, c *http.Client) *Sender {
	t.Helper()
	s, err := NewSender(target, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestWebhookIsVerified has the official library of Standard Webhooks verify what is sent.
func TestWebhookIsVerified(t *testing.T) {
	for name, c := range map[string]struct {
		secret string
		verify func() (*standardwebhooks.Webhook, error)
	}{
		"base64": {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", func() (*standardwebhooks.Webhook, error) {
			return standardwebhooks.NewWebhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
		}},
		"bytes": {"كلمة سر", func() (*standardwebhooks.Webhook, error) {
			return standardwebhooks.NewWebhookRaw([]byte("كلمة سر"))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			verifier, err := c.verify()
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			var body string
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				b, _ := io.ReadAll(r.Body)
				body = string(b)
				ids = append(ids, r.Header.Get("webhook-id"))
				if err := verifier.Verify(b, r.Header); err != nil {
					t.Error(err)
				}
				if err := verifier.Verify(append(b, ' '), r.Header); err == nil {
					t.Error("another body has the same signature")
				}
				w.WriteHeader(http.StatusAccepted)
			}))
			defer srv.Close()
			s := sender(t, feeds.Target{URL: srv.URL + "/hook", Secret: c.secret}, srv.Client())
			for range 2 {
				if err := s.Send(t.Context(), story()); err != nil {
					t.Fatal(err)
				}
			}
			if len(ids) != 2 || ids[0] != "story-1" || ids[1] != ids[0] {
				t.Errorf("ids %v", ids)
			}
			want := `{"type":"story","timestamp":"2026-11-30T07:00:00Z","data":{"outlets":3}}`
			if body != want {
				t.Errorf("got  %s\nwant %s", body, want)
			}
		})
	}
}

func TestWebhookFails(t *testing.T) {
	const token = "t0ken-in-the-path"
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request)
		final  bool
		target bool
		wait   time.Duration
		want   string
	}{
		"busy": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(429)
		}, false, true, 2 * time.Minute, "status 429 (Too Many Requests), asks to wait 2m0s"},
		"down":    {status(503), false, true, 0, "status 503 (Service Unavailable)"},
		"too big": {status(413), true, false, 0, "status 413 (Request Entity Too Large)"},
		"refused": {status(422), false, false, 0, "status 422 (Unprocessable Entity)"},
		"gone":    {status(410), false, true, 0, "status 410 (Gone)"},
		"elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" {
				t.Error("followed a redirect")
			}
			http.Redirect(w, r, "/elsewhere?"+token, http.StatusTemporaryRedirect)
		}, false, true, 0, "status 307 (Temporary Redirect)"},
		"no HTTP": {func(w http.ResponseWriter, r *http.Request) {
			conn, _, _ := http.NewResponseController(w).Hijack()
			io.WriteString(conn, token+" "+r.URL.Path+"\r\n\r\n")
			conn.Close()
		}, false, true, 0, "net/http: HTTP/1.x transport connection broken: malformed HTTP status code"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(c.answer))
			defer srv.Close()
			s := sender(t, feeds.Target{URL: srv.URL + "/" + token + "?key=" + token}, srv.Client())
			err := s.Send(t.Context(), story())
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%v", err)
			}
			if e.Final != c.final || e.Target != c.target || e.RetryAfter != c.wait {
				t.Errorf("final %v, target %v, retry after %v", e.Final, e.Target, e.RetryAfter)
			}
			host := strings.TrimPrefix(srv.URL, "http://")
			if err.Error() != host+": "+c.want {
				t.Errorf("got %q", err)
			}
			if strings.Contains(err.Error()+e.Hint, token) {
				t.Errorf("tells the token: %q, %q", err, e.Hint)
			}
		})
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// TestTLSFails names what is wrong with the certificate of a service, or that it has none.
func TestTLSFails(t *testing.T) {
	known := httptest.NewTLSServer(status(http.StatusOK)) // TestMain has the system trust its certificate
	defer known.Close()
	plain := httptest.NewServer(status(http.StatusOK))
	defer plain.Close()
	strange := httptest.NewUnstartedServer(status(http.StatusOK))
	strange.TLS = &tls.Config{Certificates: []tls.Certificate{selfSigned(t)}}
	strange.StartTLS()
	defer strange.Close()
	for url, want := range map[string]string{
		known.URL:   "",
		strange.URL: "an unknown authority signed its certificate; name a file with the authority's in SSL_CERT_FILE",
		strings.Replace(plain.URL, "http:", "https:", 1): "http: server gave HTTP response to HTTPS client; " +
			"it speaks no TLS: write http://, with ntfy scheme=http, with Matrix disableTLS=yes, or another port",
	} {
		err := sender(t, feeds.Target{URL: url}, &http.Client{Transport: &http.Transport{}}).Send(t.Context(), story())
		var e *Error
		switch errors.As(err, &e); {
		case want == "" && err == nil:
		case e == nil || e.Error()+"; "+e.Hint != strings.TrimPrefix(url, "https://")+": "+want:
			t.Errorf("%v, %+v", err, e)
		}
	}
}

// selfSigned makes a certificate for 127.0.0.1 that nobody trusts.
func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
