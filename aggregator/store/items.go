package store

import (
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/nashra/nashra/feeds"
)

// maxKey is the most bytes of an item's key. A guid may be longer; PostgreSQL indexes at most
// 2,704.
const maxKey = 512

// itemKey returns the key of an item: source and guid. The end of a long one is replaced by a hash.
func itemKey(source, guid string) []byte {
	k := []byte(cleanText(source) + "\x00" + cleanText(guid))
	if len(k) > maxKey {
		sum := sha256.Sum256(k)
		k = append(k[:maxKey-len(sum)], sum[:]...)
	}
	return k
}

// itemKeys returns the least key that an item of a source may have, and the end of its keys.
func itemKeys(source string) (from, end []byte) {
	from = itemKey(source, "")
	return from, append(slices.Clone(from[:len(from)-1]), 1) // from ends in a zero byte
}

// textColumns are the columns of texts after the first, item.
const textColumns = "url, lang, title, summary, body, authors, categories, enclosures, images, rights, " +
	"published, updated"

// textRow returns the values of textColumns.
func textRow(it feeds.Item) []any {
	return []any{it.URL, it.Lang, it.Title, it.Summary, it.Body, encode(it.Authors), encode(it.Categories),
		encode(it.Enclosures), encode(it.Images), it.Rights, millis(it.Published), millis(it.Updated)}
}

// itemColumns are the columns of items i and texts t that scanItem reads. memberColumns leave out
// the summary and body of all but leads, as they are never shown.
const (
	itemColumns   = titleColumns + ", t.summary, t.body, " + listColumns
	memberColumns = titleColumns + ", CASE WHEN i.kind = 'lead' THEN t.summary ELSE '' END, " +
		"CASE WHEN i.kind = 'lead' THEN t.body ELSE '' END, " + listColumns

	titleColumns = "i.source, i.guid, i.seen, t.url, t.lang, t.title"
	listColumns  = "t.authors, t.categories, t.enclosures, t.images, t.rights, t.published, t.updated"
)

// scanItem reads itemColumns, and the columns after them into more.
func scanItem(rows *sql.Rows, more ...any) (it feeds.Item, err error) {
	var authors, categories, enclosures, images string
	var seen, published, updated int64
	err = rows.Scan(append([]any{&it.SourceID, &it.GUID, &seen, &it.URL, &it.Lang, &it.Title, &it.Summary, &it.Body,
		&authors, &categories, &enclosures, &images, &it.Rights, &published, &updated}, more...)...)
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

// encode returns a list as JSON, and an empty list as an empty string.
func encode[T any](list []T) string {
	if len(list) == 0 {
		return ""
	}
	b, err := json.Marshal(list)
	if err != nil {
		panic(err) // strings and numbers can always be encoded
	}
	return string(b)
}
