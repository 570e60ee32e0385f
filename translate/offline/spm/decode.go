package spm

import (
	"strings"
	"unicode/utf8"
)

// unknownText is the text of the unknown piece.
const unknownText = " \u2047 "

// Decode joins pieces to text. Each byte that is not valid UTF-8 becomes U+FFFD; invalid ids are left
// out.
func (m *Model) Decode(ids []int32) string {
	var b strings.Builder
	atStart := true // where the blank before a word is left out
	seen := false   // that blank was left out
	for i := 0; i < len(ids); i++ {
		if ids[i] < 0 || int(ids[i]) >= len(m.pieces) {
			continue
		}
		p := m.pieces[ids[i]]
		if p.kind == bytePiece {
			n := m.writeBytes(&b, ids[i:])
			i += n - 1
			continue
		}
		if seen || b.Len() > 0 {
			atStart = false
		}
		switch p.kind {
		case control:
			seen = false
			continue
		case unknown:
			seen = false
			b.WriteString(unknownText)
			continue
		}
		text := p.text
		seen = false
		if atStart && (m.dummyPrefix || m.trimSpaces) {
			text, seen = strings.CutPrefix(text, space)
			seen = seen && !m.trimSpaces
		}
		b.WriteString(strings.ReplaceAll(text, space, " "))
	}
	return b.String()
}

// writeBytes writes the run of byte pieces at the start of ids and returns its length.
func (m *Model) writeBytes(b *strings.Builder, ids []int32) int {
	var run []byte
	for _, id := range ids {
		if id < 0 || int(id) >= len(m.pieces) || m.pieces[id].kind != bytePiece {
			break
		}
		run = append(run, unhex(m.pieces[id].text[3])<<4|unhex(m.pieces[id].text[4]))
	}
	n := len(run)
	for len(run) > 0 {
		r, width := utf8.DecodeRune(run)
		b.WriteRune(r)
		run = run[width:]
	}
	return n
}

func unhex(c byte) byte {
	if c >= 'A' {
		return c - 'A' + 10
	}
	return c - '0'
}
