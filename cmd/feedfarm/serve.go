package main

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// handler serves feeds, pages, controls and translation.
func (fm *farm) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /f/{id}", fm.serveFeed)
	mux.HandleFunc("POST /ctl/round", func(w http.ResponseWriter, r *http.Request) {
		sendJSON(w, fm.advance(fm.cfg.changed))
	})
	mux.HandleFunc("POST /ctl/clock", fm.setClock)
	mux.HandleFunc("POST /ctl/reset", func(w http.ResponseWriter, r *http.Request) { fm.resetStats() })
	mux.HandleFunc("GET /ctl/stats", func(w http.ResponseWriter, r *http.Request) {
		fm.mu.Lock()
		defer fm.mu.Unlock()
		sendJSON(w, map[string]any{"round": fm.round, "clients": fm.stats, "translation": fm.tr.report()})
	})
	mux.HandleFunc("GET /ctl/truth", func(w http.ResponseWriter, r *http.Request) { w.Write(fm.truth()) })
	mux.HandleFunc("GET /urls", func(w http.ResponseWriter, r *http.Request) {
		for i, fd := range fm.feeds {
			fmt.Fprintf(w, "%s/f/%d", fm.host(i), i)
			if r.FormValue("long") != "" {
				fmt.Fprintf(w, "\t%s\t%s\tt%d", fd.format, fd.fault, i%categories)
			}
			fmt.Fprintln(w)
		}
	})
	mux.HandleFunc("GET /opml", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `<?xml version="1.0" encoding="utf-8"?><opml `+
			`version="2.0"><head><title>farm</title></head><body>`+"\n")
		for i := range fm.feeds {
			fmt.Fprintf(w, `<outline type="rss" text="feed %[1]d" title="feed %[1]d" `+
				`xmlUrl="%[2]s/f/%[1]d" htmlUrl="%[2]s/s/%[1]d"/>`+"\n", i, fm.host(i))
		}
		fmt.Fprint(w, "</body></opml>\n")
	})
	fm.tr.routes(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { // site pages, articles, favicons, images
		kind, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		fm.count(r, map[string]int{"requests": 1, "side_" + kind: 1})
		if kind != "s" && kind != "i" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><html lang=ar dir=rtl><title>موقع</title><p>صفحة")
	})
	return mux
}

// serveFeed answers with a feed's document, or as its fault says.
func (fm *farm) serveFeed(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil || id < 0 || id >= len(fm.feeds) {
		http.NotFound(w, r)
		return
	}
	fd := fm.feeds[id]
	fm.catchUp(fd)
	fd.mu.RLock()
	d := fd.doc
	fd.mu.RUnlock()
	inm, ims := r.Header.Get("If-None-Match"), r.Header.Get("If-Modified-Since")
	gzOK := strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
	fm.count(r, map[string]int{"requests": 1, "feed_requests": 1, "in_flight": 1, "if_none_match": one(inm != ""),
		"if_modified_since": one(ims != ""),
		"conditional":       one(inm != "" || ims != ""), "accept_gzip": one(gzOK)})
	result, sent := "feed_fault", 0
	defer func() { fm.count(r, map[string]int{"in_flight": -1, "body_bytes": sent, result: 1}) }()
	time.Sleep(fm.cfg.rtt)
	h := w.Header()
	if fd.refuses(w, r, fm.host(id)) {
		return
	}
	if fd.fault == "truncated" { // a valid answer with a truncated document
		d.body, d.gz = d.body[:len(d.body)*3/5], nil
	}
	if fd.hasETag {
		h.Set("ETag", d.etag)
	}
	if fd.hasDate {
		h.Set("Last-Modified", d.modified.Format(http.TimeFormat))
	}
	t, err := http.ParseTime(ims)
	if inm != "" && fd.hasETag && strings.Contains(inm, d.etag) || inm == "" && fd.hasDate && err == nil &&
		!d.modified.After(t) {
		result = "feed_304"
		w.WriteHeader(304)
		return
	}
	h.Set("Content-Type", d.ctype)
	h.Set("Vary", "Accept-Encoding")
	if gzOK && d.gz != nil {
		d.body = d.gz
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(d.body)))
	sent = fm.send(w, r, fd.fault, d.body)
	if fd.fault != "truncated" && fd.fault != "hang" {
		result = "feed_200"
	}
}

// refuses answers for a feed whose fault is to send no document. It reports whether it did.
func (fd *feed) refuses(w http.ResponseWriter, r *http.Request, host string) bool {
	switch fd.fault {
	case "500", "410", "404":
		code, _ := strconv.Atoi(fd.fault)
		http.Error(w, http.StatusText(code), code)
	case "html":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><html dir=rtl><title>الموقع تحت الصيانة</title><p>نعود قريبا")
	case "moved":
		if r.FormValue("moved") != "" {
			return false
		}
		http.Redirect(w, r, host+r.URL.Path+"?moved=1", http.StatusMovedPermanently)
	case "loop":
		http.Redirect(w, r, fmt.Sprintf("%s?hop=%d", r.URL.Path, time.Now().UnixNano()), http.StatusFound)
	case "reset":
		if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
			c.(*net.TCPConn).SetLinger(0)
			c.Close()
		}
	default:
		return false
	}
	return true
}

// send sends body, as slowly as the fault says, and returns how many bytes were sent.
func (fm *farm) send(w http.ResponseWriter, r *http.Request, fault string, body []byte) (sent int) {
	switch fault {
	case "hang": // a third of the body, then nothing
		sent, _ = w.Write(body[:len(body)/3])
		w.(http.Flusher).Flush()
		select {
		case <-r.Context().Done():
		case <-time.After(fm.cfg.hangFor):
		}
	case "slow":
		for i := 0; i < 10 && r.Context().Err() == nil; i++ {
			n, _ := w.Write(body[len(body)*i/10 : len(body)*(i+1)/10])
			w.(http.Flusher).Flush()
			sent += n
			time.Sleep(fm.cfg.slowFor / 10)
		}
	default:
		sent, _ = w.Write(body)
	}
	return sent
}
