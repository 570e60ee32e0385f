package enginetest

import (
	"regexp"
	"strings"
)

// Hostile is a way in which a service misbehaves.
type Hostile struct {
	Name string
	Fault
}

// Foreign fits what no hostile answer may bring into a text or an error: active markup, addresses,
// its own text.
var Foreign = regexp.MustCompile(`(?i)<script|onerror|javascript:|evil\.example|SECRET|sign in|<iframe|<style`)

// each returns a Fault that changes every text of an answer.
func each(change func(string) string) func([]string) []string {
	return func(in []string) (out []string) {
		for _, s := range in {
			out = append(out, change(s))
		}
		return out
	}
}

var anyTag = regexp.MustCompile(`<[^>]*>`)

// Hostiles returns all ways: first well-formed answers, which are paid for, then broken ones.
// Redirects lead to elsewhere.
func Hostiles(elsewhere string) []Hostile {
	return []Hostile{
		{"script",
			Fault{Texts: each(func(s string) string {
				return s +
					`<script src=//evil.example></script><iframe src=x>`
			})}},
		{"escaped script",
			Fault{Texts: each(func(s string) string {
				return s +
					`&lt;script&gt;alert(1)&lt;/script&gt;<img src=x onerror=alert(1)>`
			})}},
		{"foreign link", Fault{Texts: each(func(s string) string {
			return s + ` <a href="https://evil.example/">more</a> https://evil.example`
		})}},
		{"attributes", Fault{Texts: each(func(s string) string {
			return strings.ReplaceAll(s, ">", ` onerror="x" href="https://evil.example">`)
		})}},
		{"codes lost", Fault{Texts: each(func(s string) string { return anyTag.ReplaceAllString(s, "") })}},
		{"echo", Fault{Texts: each(func(string) string { return "أطلقت نموذجا جديدا" })}},
		{"blanks", Fault{Texts: each(func(string) string { return " \n " })}},
		{"controls", Fault{Texts: each(func(s string) string { return "\x00\x1b\u202e\u2067" + s + "\uffff\u2066" })}},
		{"chatter",
			Fault{Texts: each(func(s string) string {
				return "Sure! Please sign in at SECRET: " +
					strings.Repeat(s+" ", 4)
			})}},
		{"one too few", Fault{Texts: func(s []string) []string { return s[1:] }}},
		{"one too many", Fault{Texts: func(s []string) []string { return append(s, "SECRET") }}},
		{"turned round", Fault{Texts: func(s []string) []string { return append(s[1:], s[0]) }}},
		{"cut JSON", Fault{Body: `{"translations":[{"text":"SECRET`}},
		{"another form", Fault{Body: `[{"SECRET":["sign in"]}]`}},
		{"HTML", Fault{Body: "<html>SECRET sign in</html>", Header: map[string]string{"Content-Type": "text/html"}}},
		{"a storm of 500", Fault{Status: 500, Body: `{"error":"SECRET"}`}},
		{"a storm of 429", Fault{Status: 429, Body: `{"message":"SECRET"}`,
			Header: map[string]string{"Retry-After": "1"}}},
		{"hangs", Fault{Hang: true}},
		{"drips", Fault{Drip: true}},
		{"stops half-way", Fault{Stall: true}},
		{"breaks off", Fault{Reset: true}},
		{"a gigabyte", Fault{Huge: 1 << 30}},
		{"redirects", Fault{Status: 307, Header: map[string]string{"Location": elsewhere}}},
		{"an early SUCCESS", Fault{Status: 204}},
	}
}
