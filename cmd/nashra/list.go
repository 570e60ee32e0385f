package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/feeds"
)

// list is what a command lists: in columns for people, as JSON for programs. docs/json.md describes
// the JSON of rows; their names are fixed.
type list[T any] struct {
	rows    []T
	header  string // with tabs between the columns
	columns func(T) string
	align   uint // of tabwriter
}

func (l list[T]) print(out io.Writer, asJSON bool) error {
	if asJSON {
		return writeJSON(out, append([]T{}, l.rows...))
	}
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', l.align)
	if l.header != "" {
		fmt.Fprintln(tw, l.header)
	}
	for _, row := range l.rows {
		fmt.Fprintln(tw, l.columns(row))
	}
	return tw.Flush()
}

func writeJSON(out io.Writer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// jsonFlag gives cmd the flag --json.
func jsonFlag(cmd *cobra.Command) *bool {
	return cmd.Flags().Bool("json", false, "print JSON")
}

// storyJSON is a story in JSON.
type storyJSON struct {
	ID          string      `json:"id"`
	New         bool        `json:"new,omitempty"` // the pass began it
	Published   time.Time   `json:"published"`
	Updated     time.Time   `json:"updated"`
	Title       string      `json:"title"`
	Lang        string      `json:"lang"`
	Translation string      `json:"translation"` // of the title; empty: none yet
	State       feeds.State `json:"state"`
	URL         string      `json:"url"`
	Sources     []string    `json:"sources"` // the lead's first
	Linked      int         `json:"linked"`
	Outlets     []string    `json:"outlets,omitempty"` // with --top: of the event
	Reports     int         `json:"reports,omitempty"` // with --top
}

func newStoryJSON(s feeds.Story) storyJSON {
	row := storyJSON{ID: s.ID, Published: s.Published, Updated: s.Updated, Title: s.Title, Lang: s.Lang,
		Translation: s.Translation.Title, State: s.Translation.State, URL: s.Items[0].URL, Linked: len(s.Related)}
	if row.State == "" {
		row.State = feeds.None
	}
	for _, m := range s.Items {
		if !slices.Contains(row.Sources, m.SourceID) {
			row.Sources = append(row.Sources, m.SourceID)
		}
	}
	return row
}
