package site

import "html/template"

// noSearch stands where the server puts its search box: a file has none.
const noSearch template.HTML = "<!--search-->"

// searchBox asks the server, from a page from which root leads to the index.
func searchBox(root string) template.HTML {
	return template.HTML(`<form role="search" action="` + root + `search"><input type="search" name="q" maxlength="200" ` +
		`aria-label="Search in both languages" placeholder="Search · بحث" dir="auto"><button>Search</button></form>`)
}

// found is what a search came to.
type found struct {
	Words string // that were asked for
	Any   bool   // some story has them
	More  string // address of the next page; empty: there is none
}

// failure is said in place of a page.
type failure struct{ English, Arabic string }
