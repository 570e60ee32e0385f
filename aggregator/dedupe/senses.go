package dedupe

// effect says what a word does to a headline.
type effect uint8

const (
	plain     effect = iota
	light            // it says nothing, such as "announces", "new" or "video"
	turning          // it changes what the rest says
	direction        // the same; of two it matters which thing each is said of: oil up, gold down
	deal             // the same, and it matters who does it: buys, sues
)

// sense is what some words mean, named by their list.
type sense struct {
	name string
	does effect
}
