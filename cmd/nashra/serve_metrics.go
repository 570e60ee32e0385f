package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/site"
)

// metrics are what a running nashra counts.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	bytes    *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics() *metrics {
	m := &metrics{registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "nashra_http_requests_total", Help: "Requests answered, by kind of what was asked for and status."}, []string{"kind", "code"}),
		bytes:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "nashra_http_response_bytes_total", Help: "Bytes of bodies sent, as they went over the wire."}, []string{"kind"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "nashra_http_request_seconds", Help: "How long requests took to be answered.",
			Buckets: []float64{.0001, .001, .01, .1, 1, 10}}, []string{"kind"}),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "nashra_build_info", Help: "1, with the version of this program.", ConstLabels: prometheus.Labels{"version": version()}})
	info.Set(1)
	m.registry.MustRegister(m.requests, m.bytes, m.seconds, info, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// seen counts a request.
func (m *metrics) seen(s site.Seen) {
	m.requests.WithLabelValues(s.Kind, strconv.Itoa(s.Status)).Inc()
	m.bytes.WithLabelValues(s.Kind).Add(float64(s.Bytes))
	m.seconds.WithLabelValues(s.Kind).Observe(s.Took.Seconds())
}

// readyTime is how long the store may take to answer before nothing should be sent here.
const readyTime = 2 * time.Second

// pages are /metrics, /status, /healthz (something has succeeded lately), /readyz (the store answers) and the operator's page.
func (m *metrics) pages(r site.Reader, f *facts) http.Handler {
	mux := http.NewServeMux()
	stands := prometheus.NewRegistry()
	stands.MustRegister(newCollector(f))
	mux.Handle("GET /metrics", promhttp.HandlerFor(prometheus.Gatherers{m.registry, stands}, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /status", f.answer(func(w http.ResponseWriter, s status) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(s) // whom it does not reach has gone
	}))
	mux.HandleFunc("GET /healthz", f.answer(func(w http.ResponseWriter, s status) {
		if !s.healthy() {
			say(w, http.StatusServiceUnavailable, s.ails()+"\n")
			return
		}
		say(w, http.StatusOK, "ok\n")
	}))
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, req *http.Request) {
		ctx, cancel := context.WithTimeout(req.Context(), readyTime)
		defer cancel()
		if _, _, err := r.Find(ctx, feeds.Query{}); err != nil {
			say(w, http.StatusServiceUnavailable, "the store does not answer\n")
			return
		}
		say(w, http.StatusOK, "ok\n")
	})
	operatorPage(mux, f)
	return mux
}

// answer is a handler that tells of how things stand.
func (f *facts) answer(tell func(http.ResponseWriter, status)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), factsTime)
		defer cancel()
		s, err := f.status(ctx)
		if err != nil {
			say(w, http.StatusServiceUnavailable, "the store does not answer\n")
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		tell(w, s)
	}
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // whom it does not reach has gone
}
