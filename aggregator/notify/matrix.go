package notify

import (
	"context"
	"errors"
	"html"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// matrix sends to a room (https://spec.matrix.org/latest/client-server-api/).
type matrix struct {
	api            string // up to /_matrix/client/v3
	user, password string // to log in; no user: password is a token
	room           string // an id or an alias

	mu    sync.Mutex // held while sending
	token string     // empty: not logged in
	id    string     // of the room; empty: not known yet
}

// matrixBytes limits the texts of an event, which may have 65,536 bytes: they stand in it twice, once as
// HTML, whose escapes take up to five bytes a letter.
const matrixBytes = 8000

func openMatrix(a *address) (carrier, *Mistake) {
	room := a.param("rooms", "room")
	switch {
	case !a.bare() || strings.Trim(a.Path, "/") != "":
		return nil, &Mistake{Key: "url", Problem: "names no server"}
	case a.password == "":
		return nil, &Mistake{Key: "url", Problem: "has no token and no password"}
	case strings.Contains(room, ","): // a message that reached one of them only could not be sent again
		return nil, &Mistake{"url", "names several rooms", "write a target for each"}
	case strings.Trim(room, "!#") == "":
		return nil, &Mistake{"url", "names no room", "write ?rooms=!id:server, or ?rooms=alias:server without #"}
	}
	if !strings.HasPrefix(room, "!") && !strings.HasPrefix(room, "#") {
		room = "#" + room
	}
	x := &matrix{api: a.base().JoinPath("_matrix/client/v3").String(), user: a.User.Username(), password: a.password,
		room: room}
	if x.user == "" {
		x.token = x.password
	}
	if room[0] == '!' {
		x.id = room
	}
	return x, nil
}

func (x *matrix) send(ctx context.Context, s *Sender, m Message) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	deliver := func() error {
		if err := x.ready(ctx, s); err != nil {
			return err
		}
		return x.put(ctx, s, m)
	}
	err := deliver()
	var e *Error
	switch {
	case !errors.As(err, &e):
		return err
	case e.code == "M_UNKNOWN_TOKEN" && x.user != "": // it expired, or another log-in took its place
		x.token = ""
		return deliver()
	case e.code == "M_FORBIDDEN" && x.id != "" && x.token != "": // invited, perhaps
		if err := x.call(ctx, s, http.MethodPost, "join/"+url.PathEscape(x.room), struct{}{}, nil); err != nil {
			return err
		}
		return deliver()
	}
	return err
}

// ready logs in and finds the room, unless both are done.
func (x *matrix) ready(ctx context.Context, s *Sender) error {
	if x.token == "" {
		var got struct {
			Token string `json:"access_token"`
		}
		err := x.call(ctx, s, http.MethodPost, "login", map[string]any{"type": "m.login.password",
			"identifier": map[string]string{"type": "m.id.user", "user": x.user}, "password": x.password,
			// always the same device, so that a message is known by its id after another log-in
			"device_id": "nashra", "initial_device_display_name": "nashra"}, &got)
		if err != nil {
			return err
		}
		x.token = got.Token
	}
	if x.id == "" {
		var got struct {
			ID string `json:"room_id"`
		}
		if err := x.call(ctx, s, http.MethodGet, "directory/room/"+url.PathEscape(x.room), nil, &got); err != nil {
			return err
		}
		x.id = got.ID
	}
	return nil
}

// put sends m. A server that has a message of the same id takes no second one.
func (x *matrix) put(ctx context.Context, s *Sender, m Message) error {
	title, text, link := parts(m, matrixBytes, inBytes)
	head := html.EscapeString(title)
	if link != "" {
		head = `<a href="` + html.EscapeString(link) + `">` + head + `</a>`
	}
	formatted := lines("<strong>"+head+"</strong>", html.EscapeString(text))
	return x.call(ctx, s, http.MethodPut, "rooms/"+url.PathEscape(x.id)+"/send/m.room.message/"+url.PathEscape(m.ID),
		map[string]string{"msgtype": "m.text", "body": lines(title, text, link), "format": "org.matrix.custom.html",
			"formatted_body": strings.ReplaceAll(formatted, "\n", "<br>")}, nil)
}

// call asks the API and reads the answer into got, unless that is nil. The error is an
// *Error.
func (x *matrix) call(ctx context.Context, s *Sender, method, path string, v, got any) error {
	header := http.Header{}
	if x.token != "" {
		header = bearer(x.token)
	}
	a, err := s.ask(ctx, method, x.api+"/"+path, v, header)
	if err != nil {
		return err
	}
	if a.ok() {
		if got != nil {
			a.into(got)
		}
		return nil
	}
	var said struct {
		Code string  `json:"errcode"`
		Text string  `json:"error"`
		Wait float64 `json:"retry_after_ms"`
	}
	a.into(&said)
	e := s.refused(a, strings.TrimSpace(said.Code+" "+said.Text))
	e.RetryAfter = max(e.RetryAfter, atMostADay(said.Wait*float64(time.Millisecond)))
	switch said.Code {
	case "M_TOO_LARGE", "M_BAD_JSON":
		e.Final, e.Target = true, false
	case "M_NOT_FOUND":
		e.Hint = "check rooms in the target's url"
	case "M_FORBIDDEN":
		e.Hint = "check the password, and invite the user into the room"
	}
	e.code = said.Code
	return e
}
