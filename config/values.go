package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Secret is a value that prints as ***, so that it is never printed by mistake. string(s) returns
// the value.
type Secret string

const mask = "***"

// String returns *** for a secret and "" for an empty one.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return mask
}

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return strconv.Quote(s.String()) }

// MarshalText hides the secret from JSON, YAML and logs.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Amount is a number of characters or a sum of money, never both. The zero Amount is no limit.
type Amount struct {
	Chars  int64
	Micros int64 // millionths of a dollar
}

// Budget limits what may be spent in a day and in a month.
type Budget struct {
	Day   Amount `yaml:"day,omitempty"`
	Month Amount `yaml:"month,omitempty"`
}

// maxAmount, a trillion, is beyond any bill and fits int64 as millionths.
const maxAmount = 1_000_000_000_000

// String returns the amount as the file writes it.
func (a Amount) String() string {
	switch {
	case a.Micros%10_000 != 0:
		return "$" + strings.TrimRight(fmt.Sprintf("%d.%06d", a.Micros/1e6, a.Micros%1e6), "0")
	case a.Micros != 0:
		return fmt.Sprintf("$%d.%02d", a.Micros/1e6, a.Micros%1e6/1e4)
	}
	return strconv.FormatInt(a.Chars, 10)
}

// parseAmount reads 200000 or $1.50. It refuses 0: whoever wants to spend nothing names no paid
// engine.
func parseAmount(s string) (Amount, error) {
	bad := errors.New(`is not a budget: write characters (200000) or money ("$1.50"), more than 0`)
	money, isMoney := strings.CutPrefix(s, "$")
	whole, cents, point := strings.Cut(money, ".")
	if point && (cents == "" || len(cents) > 6 || !isMoney) || !digits(whole) || point && !digits(cents) {
		return Amount{}, bad
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n > maxAmount {
		return Amount{}, bad
	}
	if !isMoney {
		if n == 0 {
			return Amount{}, bad
		}
		return Amount{Chars: n}, nil
	}
	part, _ := strconv.ParseInt((cents + "000000")[:6], 10, 64)
	if n*1e6+part == 0 {
		return Amount{}, bad
	}
	return Amount{Micros: n*1e6 + part}, nil
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

const day = 24 * time.Hour

// maxDuration is a hundred years: longer than any sensible limit, and sums of it fit time.Duration.
const maxDuration = 36525 * day

// ParseDuration reads Go's durations and days: 30s, 1h30m, 180d, 1d12h. 0 needs no unit.
func ParseDuration(s string) (time.Duration, error) {
	bad := errors.New("is not a duration: write 30s, 5m, 1h30m or 180d")
	rest, total := s, time.Duration(0)
	if whole, after, ok := strings.Cut(s, "d"); ok {
		n, err := strconv.ParseInt(whole, 10, 64)
		if err != nil || !digits(whole) || n > int64(maxDuration/day) {
			return 0, bad
		}
		rest, total = after, time.Duration(n)*day
	}
	if rest != "" || total == 0 && rest == s {
		d, err := time.ParseDuration(rest)
		if err != nil || d < 0 || strings.HasPrefix(rest, "-") || strings.HasPrefix(rest, "+") || d > maxDuration {
			return 0, bad
		}
		total += d
	}
	return total, nil
}

// formatDuration writes a duration as ParseDuration reads it, days first and without empty units.
func formatDuration(d time.Duration) string {
	out := ""
	if d >= day {
		out, d = strconv.FormatInt(int64(d/day), 10)+"d", d%day
	}
	if d == 0 && out != "" {
		return out
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return out + s
}

// sizeUnits are the decimal units of SI and the binary ones, written with an i.
var sizeUnits = []struct {
	name  string
	bytes int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}}

// parseSize reads 15MB, 512KiB or plain bytes.
func parseSize(s string) (int64, error) {
	bad := errors.New("is not a size: write 15MB, 512KiB or bytes, at most 1GiB")
	number, unit := s, int64(1)
	for _, u := range sizeUnits {
		if n, ok := strings.CutSuffix(s, u.name); ok {
			number, unit = strings.TrimSpace(n), u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || !digits(number) || n == 0 || n > 1<<30 || n*unit > 1<<30 { // a whole body is held in memory
		return 0, bad
	}
	return n * unit, nil
}

// formatSize writes a size as parseSize reads it.
func formatSize(n int64) string {
	for _, u := range []int{5, 4, 3} { // GB, MB, KB
		if unit := sizeUnits[u]; n > 0 && n%unit.bytes == 0 {
			return strconv.FormatInt(n/unit.bytes, 10) + unit.name
		}
	}
	return strconv.FormatInt(n, 10)
}
