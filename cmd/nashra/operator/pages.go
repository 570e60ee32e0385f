package operator

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/site"
)

// Metrics are the counters of a daemon. They outlive a reload of the config.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	bytes    *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

// NewMetrics returns counters at zero, for a program of the given version.
func NewMetrics(version string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "nashra_http_requests_total",
			Help: "Requests answered, by kind of what was requested and status.",
		}, []string{"kind", "code"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "nashra_http_response_bytes_total",
			Help: "Bytes of response bodies, as sent over the wire.",
		}, []string{"kind"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "nashra_http_request_seconds",
			Help:    "How long it took to answer a request.",
			Buckets: []float64{.0001, .001, .01, .1, 1, 10},
		}, []string{"kind"}),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "nashra_build_info",
		Help:        "1, with the version of this program.",
		ConstLabels: prometheus.Labels{"version": version},
	})
	info.Set(1)
	m.registry.MustRegister(m.requests, m.bytes, m.seconds, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Seen counts a request.
func (m *Metrics) Seen(s site.Seen) {
	m.requests.WithLabelValues(s.Kind, strconv.Itoa(s.Status)).Inc()
	m.bytes.WithLabelValues(s.Kind).Add(float64(s.Bytes))
	m.seconds.WithLabelValues(s.Kind).Observe(s.Took.Seconds())
}

// readyTimeout is how long the store may take to answer before /readyz fails.
const readyTimeout = 2 * time.Second

// Handler serves the operator's page, /metrics, /status, /healthz (which begins with the state)
// and /readyz (the store answers). read returns the current status.
func (m *Metrics) Handler(r site.Reader, read func(context.Context) (Status, error)) http.Handler {
	mux, c := http.NewServeMux(), &cache{read: read}
	status := prometheus.NewRegistry()
	status.MustRegister(newCollector(c))
	mux.Handle("GET /metrics", promhttp.HandlerFor(prometheus.Gatherers{m.registry, status}, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /status", c.handler(func(w http.ResponseWriter, s Status) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(s) // fails if the client has disconnected
	}))
	mux.HandleFunc("GET /healthz", c.handler(func(w http.ResponseWriter, s Status) {
		code := http.StatusOK
		if s.Health.State == Failing {
			code = http.StatusServiceUnavailable
		}
		answerText(w, code, s.Health.String())
	}))
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, req *http.Request) {
		ctx, cancel := context.WithTimeout(req.Context(), readyTimeout)
		defer cancel()
		if _, _, err := r.Find(ctx, feeds.Query{}); err != nil {
			answerText(w, http.StatusServiceUnavailable, "the store does not answer\n")
			return
		}
		answerText(w, http.StatusOK, "ok\n")
	})
	handlePage(mux, c)
	return mux
}

// cache keeps a status for some seconds: a scrape, a probe and an open page come together.
type cache struct {
	read func(ctx context.Context) (Status, error)

	mu    sync.Mutex
	last  Status
	until time.Time // when last expires
}

const (
	// minAge is the least time that a status is kept.
	minAge = 2 * time.Second
	// ageFactor bounds reading to a twentieth of the time: it takes half a second with ten thousand
	// sources.
	ageFactor = 20
)

func (c *cache) status(ctx context.Context) (Status, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	begin := time.Now()
	if begin.Before(c.until) {
		return c.last, nil
	}
	s, err := c.read(ctx)
	if err != nil {
		return NoStore(noAnswer), err // without err, which may hold secrets
	}
	c.last, c.until = s, time.Now().Add(max(minAge, ageFactor*time.Since(begin)))
	return s, nil
}

const noAnswer = "it does not answer"

// handler answers requests with show, given the current status.
func (c *cache) handler(show func(http.ResponseWriter, Status)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readTimeout)
		defer cancel()
		s, err := c.status(ctx)
		if err != nil {
			answerText(w, http.StatusServiceUnavailable, s.Health.String())
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		show(w, s)
	}
}

func answerText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // fails if the client has disconnected
}
