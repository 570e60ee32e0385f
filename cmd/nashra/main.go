// Command nashra polls Arabic technology feeds, keeps one copy of each story however many outlets ran it, has it translated into
// English, and republishes one merged bilingual feed.
//
// # A tour, from the bottom up
//
// Three rooms for three kinds of knowledge; every arrow points downhill, and imports_test.go holds them.
//
// feeds is the wire. feeds.go has the nouns that travel: Source and Document in, Item and Story between, Channel out. Parse
// (parse.go, with dates.go and furniture.go beside it) makes items of a document; Render (render.go and what begins so) lays stories
// out as an edition, and its Write (atom.go, rss.go, json.go) makes bytes of it. feeds/fetch gets a document politely and safely;
// feeds/article finds the text of a page, and whether it may be asked for; feeds/sanitize is the allow-list of HTML; feeds/site is the
// page.
//
// translate is the language. translate/arabic knows letters, folding, digits and dates; translate/segment cuts HTML into a skeleton
// and the segments between; translate/check judges an answer. The Translator (translator.go, buy.go, call.go) asks the memory, then the
// engines in order down a ladder of less and less markup, within the budget; an engine (google, libre, chat) is one vendor's wire.
//
// aggregator is the work, one step a file: poll.go, group.go, article.go, translate.go, publish.go; pass.go does all of them once. They
// meet only in the store (store.go is the interface, aggregator/store the one that keeps it in SQLite or PostgreSQL).
// aggregator/dedupe says which items tell the same story, and why.
//
// config is the file. This package joins them: wire.go makes the parts from the config, engines.go is the table of engines, and
// each verb has a file of its own.
package main

import (
	"math"
	"os"
	"runtime/debug"
)

// memoryLimit is the size of memory, in bytes, from which the collector works harder: twice what a pass over large
// feeds holds at once. With it, 32 feeds of 15 MB each took 204 MB at most, and 277 MB without, for 3 % more CPU time.
const memoryLimit = 128 << 20

func main() {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 { // GOMEMLIMIT is not set
		debug.SetMemoryLimit(memoryLimit)
	}
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}
