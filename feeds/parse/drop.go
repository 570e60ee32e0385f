package parse

import (
	"cmp"
	"fmt"
	"strings"

	"golang.org/x/net/html"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/page"
)

// Dropper removes what CSS selectors choose. The zero Dropper removes nothing.
type Dropper []drop

type drop struct {
	said string
	sel  page.Selector
}

// NewDropper compiles selectors.
func NewDropper(selectors []string) (d Dropper, err error) {
	for _, s := range selectors {
		sel, err := page.CompileOne(s)
		if err != nil {
			return nil, fmt.Errorf("drop: %w", err)
		}
		d = append(d, drop{s, sel})
	}
	return d, nil
}

// Drop removes from beneath root what the selectors choose, one selector after the other. The error names
// those that would take too long on such a tree, and are left.
func (d Dropper) Drop(root *html.Node) (err error) {
	for _, one := range d {
		found, failed := one.sel.All(root)
		if failed != nil {
			err = cmp.Or(err, fmt.Errorf("drop %s: %w", feeds.Shorten(one.said, 80), failed))
			continue
		}
		for _, n := range found {
			if n.Parent != nil {
				n.Parent.RemoveChild(n)
			}
		}
	}
	return err
}

// dropped removes from a text, as the source wrote it, what its source's rules drop.
func (r *reader) dropped(body *html.Node) {
	if err := r.drop.Drop(body); err != nil && !strings.Contains(strings.Join(r.notes, "; "), err.Error()) {
		r.notes = append(r.notes, err.Error())
	}
}

// whole returns it as its source wrote it, if it is known by its text alone: rules may change, and what an
// item is known by does not.
func (r *reader) whole(e original, it *feeds.Item) *feeds.Item {
	if own := cmp.Or(strings.TrimSpace(e.guid), it.URL); len(r.drop) == 0 || own != "" && len(own) <= maxGUID {
		return it
	}
	whole, undropped := *it, *r
	whole.Rest, undropped.drop = nil, nil
	undropped.text(e, &whole)
	return &whole
}
