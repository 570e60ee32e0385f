package store

import (
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/nashra/nashra/feeds"
)

// maxKey is the most bytes of an item's key. PostgreSQL's indexes take 2,704; a guid may be as long as its publisher likes.
const maxKey = 512

// itemKey is what an item is known by: its source and guid, a longer one's end replaced by a hash of all.
func itemKey(source, guid string) []byte {
	k := []byte(cleanText(source) + "\x00" + cleanText(guid))
	if len(k) > maxKey {
		sum := sha256.Sum256(k)
		k = append(k[:maxKey-len(sum)], sum[:]...)
	}
	return k
}

// fingerprint identifies all that is shown of an item, so that an edit is noticed: its words, its names, and where its links lead,
// whatever tracks readers in them. Its dates are left out: some publishers move them at each poll.
func fingerprint(it feeds.Item) []byte {
	words := it.Hash()
	h := sha256.New()
	h.Write(words[:])
	add := func(list ...string) {
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(list))))
		for _, s := range list {
			h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(s))))
			h.Write([]byte(s))
		}
	}
	add(feeds.CleanURL(it.URL), it.Rights)
	add(it.Authors...)
	add(it.Categories...)
	for _, files := range [][]feeds.Enclosure{it.Enclosures, it.Images} {
		links := make([]string, len(files))
		for i, f := range files {
			links[i] = feeds.CleanURL(f.URL)
		}
		add(links...)
	}
	return h.Sum(nil)
}

// textColumns are the columns of texts but the first, which is the item.
const textColumns = "url, lang, title, summary, body, authors, categories, enclosures, images, rights, published, updated"

// textRow is it in the order of textColumns.
func textRow(it feeds.Item) []any {
	return []any{it.URL, it.Lang, it.Title, it.Summary, it.Body, encode(it.Authors), encode(it.Categories), encode(it.Enclosures),
		encode(it.Images), it.Rights, millis(it.Published), millis(it.Updated)}
}

// itemColumns are the columns of items i and texts t that scanItem reads. In memberColumns only leads have a summary and a body: those of
// other members are never shown.
const (
	itemColumns   = titleColumns + ", t.summary, t.body, " + listColumns
	memberColumns = titleColumns + ", CASE WHEN i.kind = 'lead' THEN t.summary ELSE '' END, " +
		"CASE WHEN i.kind = 'lead' THEN t.body ELSE '' END, " + listColumns

	titleColumns = "i.source, i.guid, i.seen, t.url, t.lang, t.title"
	listColumns  = "t.authors, t.categories, t.enclosures, t.images, t.rights, t.published, t.updated"
)

// scanItem reads itemColumns, and after them what goes to more.
func scanItem(rows *sql.Rows, more ...any) (it feeds.Item, err error) {
	var authors, categories, enclosures, images string
	var seen, published, updated int64
	err = rows.Scan(append([]any{&it.SourceID, &it.GUID, &seen, &it.URL, &it.Lang, &it.Title, &it.Summary, &it.Body, &authors,
		&categories, &enclosures, &images, &it.Rights, &published, &updated}, more...)...)
	if err != nil {
		return it, err
	}
	it.Seen, it.Published, it.Updated = instant(seen), instant(published), instant(updated)
	for _, l := range []struct {
		text string
		to   any
	}{{authors, &it.Authors}, {categories, &it.Categories}, {enclosures, &it.Enclosures}, {images, &it.Images}} {
		if l.text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(l.text), l.to); err != nil {
			return it, fmt.Errorf("read item %s of source %s: %w: %w", it.GUID, it.SourceID, errGarbled, err)
		}
	}
	return it, nil
}

// encode is a list as it is kept: JSON, the empty list as nothing.
func encode[T any](list []T) string {
	if len(list) == 0 {
		return ""
	}
	b, err := json.Marshal(list)
	if err != nil {
		panic(err) // strings and numbers always have a form
	}
	return string(b)
}
