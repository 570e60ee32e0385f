package parse

import "github.com/nashra/nashra/feeds/sanitize"

// Clean is s, HTML found at base, sanitised and without furniture; words is its plain text.
func Clean(s, base string) (clean, words string) {
	tree := sanitize.Parse(s, base)
	tidy(tree, nil)
	return sanitize.Render(tree), sanitize.Text(tree)
}
