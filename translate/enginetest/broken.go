package enginetest

import (
	"net/http"
	"strings"

	"github.com/nashra/nashra/translate"
)

// Broken is a way in which a service fails, and the failure that a report must name.
type Broken struct {
	Name string
	Fault
	Kind translate.Kind
}

// Poison is a word of the one text that a service cannot take.
const Poison = "تسونامي"

// Breaks returns the ways in which a whole service fails.
func Breaks() []Broken {
	html := map[string]string{"Content-Type": "text/html"}
	return []Broken{
		{"wrong key", Fault{Status: http.StatusUnauthorized}, translate.Auth},
		{"forbidden", Fault{Status: http.StatusForbidden}, translate.Auth},
		{"unknown model", Fault{Status: http.StatusNotFound}, translate.Unsupported},
		{"bad request", Fault{Status: http.StatusBadRequest, Body: "{}"}, translate.Unsupported},
		{"unprocessable", Fault{Status: http.StatusUnprocessableEntity, Body: "{}"}, translate.Unsupported},
		{"too many requests", Fault{Status: http.StatusTooManyRequests}, translate.Transient},
		{"a crash", Fault{Status: http.StatusInternalServerError}, translate.Transient},
		{"bad gateway", Fault{Status: http.StatusBadGateway, Body: "<html>", Header: html}, translate.Transient},
		{"down for an hour", Fault{Status: http.StatusServiceUnavailable, Header: map[string]string{
			"Retry-After": "3600"}}, translate.Transient},
		{"breaks off", Fault{Reset: true}, translate.Transient},
		{"a web page", Fault{Body: "<!doctype html><title>Sign in</title>", Header: html}, translate.Malformed},
		{"cut JSON", Fault{Body: `{"translations":[{"te`}, translate.Malformed},
		{"an error object", Fault{Body: `{"error":{"message":"Rate limit exceeded","code":429}}`}, translate.Transient},
		{"an error in words", Fault{Body: `{"error":"Cannot translate text"}`}, translate.Transient},
		{"empty answers", Fault{Texts: each(func(string) string { return "" })}, translate.Malformed},
		{"blank answers", Fault{Texts: each(func(string) string { return " \n " })}, translate.Malformed},
		{"control characters", Fault{Texts: each(func(string) string { return "\x00\x01" })}, translate.Malformed},
		{"swollen answers", Fault{Texts: each(func(s string) string { return strings.Repeat(s+" again ", 9) })},
			translate.Withheld},
		{"an echo", Fault{Texts: each(func(string) string { return "أطلقت نموذجا جديدا" })}, translate.Withheld},
		{"another language", Fault{Texts: each(func(string) string { return "Компания сообщила о новом продукте" })},
			translate.Withheld},
	}
}

// Poisons returns the ways in which a service fails for the text with Poison.
func Poisons() []Broken {
	return []Broken{
		{"bad request", Fault{Status: http.StatusBadRequest, Body: "{}", Word: Poison}, translate.Unsupported},
		{"unprocessable", Fault{Status: http.StatusUnprocessableEntity, Body: "{}", Word: Poison},
			translate.Unsupported},
		{"a crash", Fault{Status: http.StatusInternalServerError, Word: Poison}, translate.Transient},
		{"a web page", Fault{Body: "<html>", Word: Poison}, translate.Malformed},
		{"cut JSON", Fault{Body: `{"data":`, Word: Poison}, translate.Malformed},
	}
}
