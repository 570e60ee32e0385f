package segment

// Codec says how numbered codes travel.
type Codec uint8

const (
	Plain Codec = iota
	HTML
	Tagged
)
