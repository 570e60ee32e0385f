package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
)

// maxAnswer is how many bytes of an answer are read. Telegram answers with the whole message, which
// has at most 4096 characters.
const maxAnswer = 64 << 10

// answer is what a service said to a request.
type answer struct {
	code   int
	header http.Header
	body   []byte
}

func (a answer) ok() bool { return a.code/100 == 2 }

// into reads the answer's JSON into v, which stays as it is if there is none.
func (a answer) into(v any) { _ = json.Unmarshal(a.body, v) }

// encode returns v as JSON, in which <, > and & stand as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// ask sends v as JSON; nil: nothing. The error is an *Error.
func (s *Sender) ask(ctx context.Context, method, to string, v any, header http.Header) (answer, error) {
	var body []byte
	if v != nil {
		var err error
		if body, err = encode(v); err != nil {
			return answer{}, &Error{Final: true, text: s.host + ": the message is no JSON", cause: err}
		}
	}
	return s.askRaw(ctx, method, to, body, header)
}

func (s *Sender) askRaw(ctx context.Context, method, to string, body []byte, header http.Header) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, to, bytes.NewReader(body))
	if err != nil {
		return answer{}, s.failed(ctx, errors.New("unreadable address"))
	}
	for key, values := range header {
		req.Header[key] = values
	}
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	req.Header.Set("User-Agent", "nashra")
	res, err := s.client.Do(req)
	if err != nil {
		return answer{}, s.failed(ctx, err)
	}
	defer res.Body.Close()
	a := answer{code: res.StatusCode, header: res.Header}
	a.body, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil && !a.ok() {
		return answer{}, s.failed(ctx, err)
	}
	return a, nil // the status came: a message that is accepted is not sent again for a body that ends early
}

// basic returns a header with a user and a password, if there are any.
func basic(u *url.Userinfo) http.Header {
	h := http.Header{}
	if password, _ := u.Password(); u.Username()+password != "" {
		r := http.Request{Header: h}
		r.SetBasicAuth(u.Username(), password)
	}
	return h
}

func bearer(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }
