// Package translate turns Arabic text and HTML into English: passages in, passages out. It cuts
// passages into segments, looks them up in the memory, buys the rest from the engines in order and
// within the budget, checks every answer, and puts the markup back from its own tree. An Engine is
// a vendor's protocol behind a small interface; a Store keeps the translations and what they cost.
package translate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nashra/nashra/translate/glossary"
	"github.com/nashra/nashra/translate/segment"
)

// Pair names the two languages of a translation in BCP 47.
type Pair struct{ From, To string }

// Role says what a passage or segment is. Headlines are bought before bodies.
type Role string

// The roles.
const (
	Title Role = "title"
	Body  Role = "body"
)

// The glossary and its entries.
type (
	Glossary = glossary.Glossary
	Term     = glossary.Term
)

// Identity identifies the maker of translations.
type Identity struct {
	Engine   string // the name in the config file
	Model    string // as configured; empty if the vendor offers no choice
	Revision string // of our prompt or codec; raised when a change of it changes the answers
}

// Codec says how the numbered codes of a segment travel to an engine and back: not at all (Plain),
// as elements (HTML, XML), or as the short tags of the neutral form (Tagged, for language models).
type Codec = segment.Codec

// The codecs.
const (
	Plain  = segment.Plain
	HTML   = segment.HTML
	Tagged = segment.Tagged
	XML    = segment.XML
)

// Unit is the unit in which a vendor counts text.
type Unit uint8

// The units.
const (
	Runes Unit = iota // code points
	UTF16             // code units
)

// Limits says what one call to an engine may hold.
type Limits struct {
	Segments  int           // segments a call, at most
	Size      int           // Units of all segments of a call together, at most
	Unit      Unit          //
	Codec     Codec         // form of numbered codes
	Sentences bool          // the engine takes single sentences: segments are cut for it and joined
	Mixed     bool          // segments of several passages may share a call
	Terms     bool          // the engine reads Request.Terms
	Context   bool          // the engine reads Request.Context and Previous
	Literal   bool          // markup characters in text do not survive Codec: send such segments without codes
	Free      bool          // nothing is billed
	Human     bool          // serves only rows that people made (the engine "memory")
	Varies    bool          // asked again, the engine may answer differently, as language models do
	Parallel  int           // calls at once, at most; 0: 1
	Timeout   time.Duration // of one call
	Price     Price         //

	PerSecond float64 // calls begun a second, at most; 0: no limit
	PerMinute int     // Units sent a minute, at most; 0: no limit

	Most func(Request) Usage // the most that an engine may bill for a call; nil: the characters sent
}

// Request is the work of one call.
type Request struct {
	Pair     Pair
	Role     Role
	Codec    Codec    // of Segments; Plain means text, never HTML
	Segments []string // encoded; never empty, no element empty
	Context  string   // headline of the article of all Segments; empty: none, several or itself a segment
	Previous []Previous
	Terms    []Term // terms that occur in Segments
	Raw      bool   // do not repair the answer
	Again    bool   // some segment was asked for before: an engine that Varies should not answer the same
}

// Previous is text shortly before the first segment of a call, as context: an edited paragraph or a
// word in a table says little alone.
type Previous struct{ Source, Target string } // plain text; Target empty: not translated yet

// Response is the answer to one call.
type Response struct {
	Texts  []string // one for each of Request.Segments, still encoded; empty: the engine gave none
	Model  string   // as the engine reports it; empty: as configured
	Billed Usage    // as the engine reports it; 0: unknown, so the most that it may be counts
}

// Engine speaks a vendor's protocol. Translate makes one call: it never retries, sleeps or splits. Only if the
// service refuses a field of the request, which is not billed, it asks again without it. It returns an *Error,
// or as many Texts as it was given Segments.
type Engine interface {
	ID() Identity
	Limits() Limits
	Translate(ctx context.Context, r Request) (Response, error)
}

// Kind classifies a failed call by what to do next.
type Kind string

// The kinds of failure.
const (
	Transient   Kind = "transient"   // try again later
	Quota       Kind = "quota"       // the vendor's own allowance is spent
	Auth        Kind = "auth"        // wrong or missing key
	TooLarge    Kind = "too large"   // halve the call
	Truncated   Kind = "truncated"   // the answer ended early: halve the call
	Refused     Kind = "refused"     // the engine will not translate this
	Malformed   Kind = "malformed"   // the answer cannot be used
	Miscounted  Kind = "miscounted"  // the answer has another number of texts than were sent
	Withheld    Kind = "withheld"    // a check refused the answer
	Unsupported Kind = "unsupported" // never, by this engine
	Budget      Kind = "budget"      // our own: nothing is left to spend
)

// Error is a failed call. Its text holds no key, no address beyond the host, and of the answer only
// its codes.
type Error struct {
	Kind       Kind
	Engine     string
	Status     int           // HTTP; 0: none
	Code       string        // the vendor's own, a short word
	RetryAfter time.Duration // 0: not said
	Billed     bool          // the vendor may have billed the call, which counts as billed
	Left       Cost          // Budget: what may still be spent; the largest number if unlimited
	Texts      int           // in a Report: how many texts failed so; 0: the engine was left
	Err        error         // cause; redacted

	resting bool // no call was made: the engine failed so before
}

func (e *Error) Error() string {
	s := "engine " + e.Engine + ": " + e.cause()
	if e.Texts > 0 {
		s += fmt.Sprintf(", texts: %d", e.Texts)
	}
	return s + "; " + todo(e.Kind, e.Texts == 0)
}

// cause says what happened, without the engine and what to do.
func (e *Error) cause() string {
	s := string(e.Kind)
	if e.Status != 0 {
		s += fmt.Sprintf(" (status %d)", e.Status)
	}
	if e.Code != "" {
		s += " " + e.Code
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// todo tells the operator what to do about a failure of the engine, which was left, or of single texts.
func todo(k Kind, left bool) string {
	switch said := advice[k]; {
	case k == Withheld || k == Refused || k == TooLarge:
		return "the next engine gets the text, or it stays in the original, marked"
	case left || k == Miscounted:
		return said
	}
	return "what got no translation is asked for again later"
}

// advice tells the operator what to do when an engine was left.
var advice = map[Kind]string{
	Transient:   "asked again later: check that its service works",
	Quota:       "the vendor's allowance is spent: raise it there, or wait for its reset",
	Auth:        "check its key and what the key may do",
	Truncated:   "asked again later: check the model's limit of output",
	Malformed:   "asked again later: try nashra engines check",
	Miscounted:  "each text now gets a call of its own",
	Unsupported: "check its model, url and languages",
	Budget:      "the rest waits: raise the budget, or add a free engine",
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf returns err's Kind, or Transient if err is not an *Error.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Transient
}

// Key identifies a segment and its languages in the memory, regardless of the engine.
type Key [32]byte

// Row is a remembered translation. A row without a Target says that the engine failed to give one.
type Row struct {
	Key      Key
	Pair     Pair
	Role     Role
	Source   string // neutral form (package segment)
	Target   string // neutral form, checked
	Engine   string // name in the config; of a person's row who made it
	Model    string
	Revision string
	Glossary string // fingerprint of the engine's terms, or UnknownGlossary; empty: none
	Human    bool
	At       time.Time
}

// UnknownGlossary is the Glossary of a Row that was bought before rows kept the terms of all
// engines. The row is valid under any terms.
const UnknownGlossary = "unknown"

// Maker sums up what the memory holds of one engine and model, or of people.
type Maker struct {
	Engine, Model string
	Human         bool
	Rows          int   // translations
	Failed        int   // segments that it failed to translate
	Chars         int64 // code points of the sources
	First, Last   time.Time
}

// Limit is a ceiling on spending.
type Limit struct {
	Engine string // empty: all paid engines together
	Day    bool   // a day's limit; otherwise a month's
	Chars  int64  // 0: not limited in characters
	Micros int64  // 0: not limited in money; millionths of a dollar
}

// Cost is an amount spent, in characters and in millionths of a dollar.
type Cost struct {
	Chars  int64 `json:"characters,omitempty"`
	Micros int64 `json:"micros,omitempty"`
}

// Dollars returns the cost in dollars.
func (c Cost) Dollars() float64 { return float64(c.Micros) / 1e6 }

// Order is what a call is about to buy.
type Order struct {
	Engine string
	Cost   Cost // the most that it may be billed
	At     time.Time
	Limits []Limit     // days and months are those of At's location
	Keys   map[Key]int // the segments, each with the number of its translations that the buyer knows
	Until  time.Time   // when the call has ended, whatever its outcome
}

// Ticket identifies a granted order.
type Ticket int64

// ErrNoTicket says that a ticket is settled already or was never granted.
var ErrNoTicket = errors.New("no reservation has this ticket")

// Store keeps translations and spending. Reserve and Settle are atomic across processes:
// reservations and settled costs together never exceed a limit, and a cost is stored in one
// transaction with the rows that it paid for.
type Store interface {
	// Recall returns every remembered row of each key, machine and human.
	Recall(ctx context.Context, keys []Key) (map[Key][]Row, error)
	// Reserve grants an order or fails with a Budget *Error. It grants nothing and returns the
	// taken segments if another order holds some or they were bought meanwhile.
	Reserve(ctx context.Context, o Order) (t Ticket, taken []Key, err error)
	// Settle replaces a reservation by the billed cost and stores rows. The cost of a ticket that
	// is never settled keeps counting. A ticket that does not exist is ErrNoTicket.
	Settle(ctx context.Context, t Ticket, cost Cost, rows []Row) error
	// Troubles returns what engines fail at; SetTroubles replaces the list. An engine has at most one
	// trouble of a kind.
	Troubles(ctx context.Context) ([]Trouble, error)
	SetTroubles(ctx context.Context, list []Trouble) error
}
