package spm

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf8"
)

// normalizer prepares text for segmentation.
type normalizer struct {
	chars        charsMap
	dummyPrefix  bool // a blank before the first word
	trimSpaces   bool // around the text and beside each other
	escapeSpaces bool // blanks become space
	kept         index
}

// normalize never fails: each byte that is not valid UTF-8 becomes U+FFFD.
func (m *Model) normalize(text string) string {
	blank := " "
	if m.escapeSpaces {
		blank = space
	}
	for m.trimSpaces && text != "" {
		s, n := m.prefix(text)
		if s != " " {
			break
		}
		text = text[n:]
	}
	if text == "" {
		return ""
	}
	var b strings.Builder
	b.Grow(len(text) + len(text)/2)
	if m.dummyPrefix {
		b.WriteString(blank)
	}
	afterSpace := m.trimSpaces
	for text != "" {
		s, n := m.prefix(text)
		text = text[n:]
		for afterSpace && strings.HasPrefix(s, " ") {
			s = s[1:]
		}
		if s == "" {
			continue
		}
		if m.escapeSpaces {
			b.WriteString(strings.ReplaceAll(s, " ", space))
		} else {
			b.WriteString(s)
		}
		afterSpace = m.trimSpaces && strings.HasSuffix(s, " ")
	}
	out := b.String()
	for m.trimSpaces && strings.HasSuffix(out, blank) {
		out = strings.TrimSuffix(out, blank)
	}
	return out
}

// prefix returns the replacement of the start of text, and the length of that start, at least one byte.
func (m *Model) prefix(text string) (string, int) {
	n := 0
	m.kept.prefixes(m.pieces, text, func(id int32) { n = len(m.pieces[id].text) })
	if n > 0 {
		return text[:n], n
	}
	if s, n := m.chars.longest(text); n > 0 {
		return s, n
	}
	r, n := utf8.DecodeRuneInString(text)
	if r == utf8.RuneError && n == 1 {
		return "\uFFFD", 1
	}
	return text[:n], n
}

// charsMap is a precompiled map of characters: a double array whose values are offsets of
// NUL-terminated texts. The zero charsMap changes nothing.
//
// A unit of the array has a label in its lowest byte; bit 8 says that its children have a value; bits
// 10 to 30 are the offset of the children (in steps of 256 if bit 9 is set); bit 31 marks a value. An
// index outside the array ends a search.
type charsMap struct {
	units []uint32
	texts []byte
}

func readCharsMap(b []byte) (charsMap, error) {
	if len(b) == 0 {
		return charsMap{}, nil
	}
	if len(b) < 4 {
		return charsMap{}, errors.New("a damaged map of characters")
	}
	n := binary.LittleEndian.Uint32(b)
	b = b[4:]
	if n%4 != 0 || n == 0 || uint64(n) > uint64(len(b)) {
		return charsMap{}, errors.New("a damaged map of characters")
	}
	c := charsMap{units: make([]uint32, n/4), texts: b[n:]}
	for i := range c.units {
		c.units[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	return c, nil
}

// longest returns the replacement of the longest prefix of s in the map, and the length of that prefix;
// 0: none.
func (c charsMap) longest(s string) (string, int) {
	if len(c.units) == 0 {
		return "", 0
	}
	value, n := -1, 0
	at := offset(c.units[0])
	for i := range len(s) {
		at ^= uint32(s[i])
		if uint64(at) >= uint64(len(c.units)) || c.units[at]&(1<<31|0xFF) != uint32(s[i]) {
			break
		}
		unit := c.units[at]
		at ^= offset(unit)
		if unit>>8&1 == 1 && uint64(at) < uint64(len(c.units)) {
			value, n = int(c.units[at]&(1<<31-1)), i+1
		}
	}
	if n == 0 || value >= len(c.texts) {
		return "", 0
	}
	text, _, _ := bytes.Cut(c.texts[value:], []byte{0})
	return string(text), n
}

func offset(unit uint32) uint32 { return unit >> 10 << (unit >> 6 & 8) }
