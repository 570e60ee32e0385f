package config

import (
	"testing"
	"time"
)

func TestValuesReadBack(t *testing.T) {
	for s, want := range map[string]time.Duration{"0": 0, "0d": 0, "30s": 30 * time.Second, "1h30m": 90 * time.Minute,
		"180d":  180 * day,
		"1d12h": 36 * time.Hour, "1.5h": 90 * time.Minute, "500ms": 500 * time.Millisecond} {
		d, err := ParseDuration(s)
		if d != want || err != nil {
			t.Errorf("%s: %v, %v; want %v", s, d, err, want)
		}
		if back, err := ParseDuration(formatDuration(d)); back != d || err != nil {
			t.Errorf("%s is written %s and read back %v, %v", s, formatDuration(d), back, err)
		}
	}
	for s, want := range map[string]int64{"1": 1, "15MB": 15e6, "15 MB": 15e6, "512KiB": 512 << 10, "1GiB": 1 << 30,
		"100B": 100} {
		n, err := parseSize(s)
		if n != want || err != nil {
			t.Errorf("%s: %d, %v; want %d", s, n, err, want)
		}
		if back, err := parseSize(formatSize(n)); back != n || err != nil {
			t.Errorf("%s is written %s and read back %d, %v", s, formatSize(n), back, err)
		}
	}
	for s, want := range map[string]Amount{"200000": {Chars: 200000}, "$1.50": {Micros: 1_500_000},
		"$5":        {Micros: 5_000_000},
		"$0.000001": {Micros: 1}, "$12.345": {Micros: 12_345_000}} {
		a, err := parseAmount(s)
		if a != want || err != nil {
			t.Errorf("%s: %+v, %v; want %+v", s, a, err, want)
		}
		if back, err := parseAmount(a.String()); back != a || err != nil {
			t.Errorf("%s is written %s and read back %+v, %v", s, a, back, err)
		}
	}
}

func TestValuesRefused(t *testing.T) {
	for _, s := range []string{"", "d", "1", "-1d", "1d-1h", "+5s", "1dd", "1.5d", "99999999999999999999d", "1e3s",
		"NaN"} {
		if d, err := ParseDuration(s); err == nil {
			t.Errorf("duration %q is %v", s, d)
		}
	}
	for _, s := range []string{"", "0", "-1", "1.5MB", "MB", "1TB", "99999999999999999999", "2GiB"} {
		if n, err := parseSize(s); err == nil {
			t.Errorf("size %q is %d", s, n)
		}
	}
	for _, s := range []string{"", "0", "$0", "$0.00", "-5", "$-5", "1.50", "$", "$.5", "$1.", "$1.1234567", "1e6",
		"$99999999999999", "٥٠٠"} {
		if a, err := parseAmount(s); err == nil {
			t.Errorf("amount %q is %+v", s, a)
		}
	}
}
