package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// operatorURL returns where a process of this machine finds what listens at serve.metrics.
func operatorURL(listen string) string {
	host, port, _ := net.SplitHostPort(listen) // the config has been checked
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// probeTimeout is below the image's HEALTHCHECK --timeout.
const probeTimeout = 10 * time.Second

// probe asks the running daemon for its health and prints the answer. It fails if the daemon does.
func (w *wire) probe(ctx context.Context, out io.Writer) error {
	at := w.cfg.Serve.Metrics
	if at == "" {
		return usageError{hinted{errors.New("serve.metrics is empty: the daemon tells nobody its health"),
			"set serve.metrics to 127.0.0.1:9090"}}
	}
	hc, err := w.client.Engine(operatorURL(at))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, operatorURL(at)+"/healthz", nil)
	if err != nil {
		return err
	}
	resp, err := hc.Do(req)
	if err != nil {
		return hinted{fmt.Errorf("no daemon answers: %w", err), "is nashra serve running, with this config?"}
	}
	defer resp.Body.Close()
	line, _, err := bufio.NewReader(io.LimitReader(resp.Body, maxLine)).ReadLine()
	if err != nil {
		return fmt.Errorf("read the daemon's health: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return errors.New(string(line))
	}
	_, err = fmt.Fprintf(out, "%s\n", line)
	return err
}
