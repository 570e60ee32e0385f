// Package translate turns Arabic text and HTML into English: passages in, passages out. It cuts them into segments, asks the
// memory, buys the rest from the engines in order within the budget, verifies every answer, and puts the markup back from its own
// tree. Engines are vendors' wires behind one small interface; a Store keeps what was bought and what was paid.
package translate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nashra/nashra/translate/segment"
)

// Pair is the two languages of a translation, BCP 47.
type Pair struct{ From, To string }

// Role says what a passage or segment is; headlines are bought before bodies and read differently.
type Role string

// The roles.
const (
	Title Role = "title"
	Body  Role = "body"
)

// Term is an entry of the glossary.
type Term struct{ From, To string }

// Identity names what makes an engine's translations its own.
type Identity struct {
	Engine   string // the name in the config file
	Model    string // as configured; empty where the vendor offers no choice
	Revision string // of our prompt or codec: raised when it changes what comes back
}

// Codec says how the numbered codes of a segment travel to an engine and back: Plain not at all, HTML and XML as elements, Tagged as
// the neutral form's own short tags, for language models.
type Codec = segment.Codec

// The codecs.
const (
	Plain  = segment.Plain
	HTML   = segment.HTML
	Tagged = segment.Tagged
	XML    = segment.XML
)

// Unit is what a vendor counts in.
type Unit uint8

// The units.
const (
	Runes Unit = iota // code points
	UTF16             // code units
	Bytes             // of UTF-8
)

// Limits says what one call may hold and how the engine wants it.
type Limits struct {
	Segments  int           // most segments a call
	Size      int           // most Units of all segments of a call together
	Unit      Unit          //
	Codec     Codec         // how numbered codes travel
	Sentences bool          // wants single sentences: they are cut and joined for it (BySentence)
	Mixed     bool          // segments of several passages may share a call
	Terms     bool          // the engine reads Request.Terms
	Context   bool          // the engine reads Request.Context and Previous
	Literal   bool          // markup characters in text do not survive Codec: such segments go without codes
	Free      bool          // nothing is billed
	Human     bool          // serves the memory's rows of human origin only (the engine "memory")
	Parallel  int           // most calls at once; 0: 1
	Timeout   time.Duration // of one call
	Price     Price         //

	PerSecond float64 // most calls begun a second; 0: no limit
	PerMinute int     // most Units sent a minute; 0: no limit

	Most func(Request) Usage // the most that a call may be billed, of an engine that bills tokens; nil: what is sent
}

// Request is one call's work.
type Request struct {
	Pair     Pair
	Role     Role
	Codec    Codec    // of Segments: Plain is text, never HTML
	Segments []string // encoded; never empty, no element empty
	Context  string   // the headline of the article that Segments are from; empty where there is none or several, or they are it
	Previous []Previous
	Terms    []Term // those that occur in Segments
	Raw      bool   // the answer is wanted as it is: an engine that mends what it says leaves that
}

// Previous is what stands in the article shortly before the first of a call's segments: an edited paragraph, or a word in a table, says
// little alone.
type Previous struct{ Source, Target string } // plain text; Target empty: not translated yet

// Response is one call's answer.
type Response struct {
	Texts  []string // one for each of Request.Segments, in order, still encoded; empty: the engine left it out
	Model  string   // as the engine reports it; empty: as asked
	Billed Usage    // as the engine reports it; 0: unknown, what was sent counts, or the most that might be
}

// Engine is a vendor's wire. Translate is one call on it: it never retries, sleeps or splits. Its error is an *Error and nothing
// usable came back, else Texts has the length of Segments.
type Engine interface {
	ID() Identity
	Limits() Limits
	Translate(ctx context.Context, r Request) (Response, error)
}

// Kind says what to do about a failed call.
type Kind string

// The kinds of failure.
const (
	Transient   Kind = "transient"   // try again later
	Quota       Kind = "quota"       // the vendor's own allowance is spent
	Auth        Kind = "auth"        // wrong or missing key
	TooLarge    Kind = "too large"   // halve the call
	Truncated   Kind = "truncated"   // the answer ended early: halve the call
	Refused     Kind = "refused"     // the engine will not translate this
	Malformed   Kind = "malformed"   // the answer makes no sense
	Unsupported Kind = "unsupported" // never, by this engine
	Budget      Kind = "budget"      // ours: nothing left to spend
)

// Error is a failed call. Its text holds no key, no address beyond the host, and nothing of the engine's answer but its codes.
type Error struct {
	Kind       Kind
	Engine     string
	Status     int           // HTTP; 0: none
	Code       string        // the vendor's own, a short word
	RetryAfter time.Duration // 0: not said
	Billed     bool          // the vendor may have billed: it counts as if it had
	Left       Cost          // Budget: what may still be spent; of what is not limited the largest number
	Err        error         // cause; redacted
}

func (e *Error) Error() string {
	s := "engine " + e.Engine + ": " + string(e.Kind)
	if e.Status != 0 {
		s += fmt.Sprintf(" (status %d)", e.Status)
	}
	if e.Code != "" {
		s += " " + e.Code
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if todo := advice[e.Kind]; todo != "" {
		s += "; " + todo
	}
	return s
}

// advice is what the operator can do.
var advice = map[Kind]string{
	Auth:        "check its key and what the key may do",
	Quota:       "the vendor's allowance is spent: raise it there, or wait for its reset",
	Unsupported: "check its model, url and languages",
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf is err's Kind; Transient for an error that is no *Error.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Transient
}

// Key identifies a segment and its languages in the memory, whatever engine translated it.
type Key [32]byte

// Row is a remembered translation; without a Target, that the engine could not give one.
type Row struct {
	Key      Key
	Pair     Pair
	Role     Role
	Source   string // neutral form (package segment)
	Target   string // neutral form, checked
	Engine   string // config name; "human" rows keep the name of who made them
	Model    string
	Revision string
	Glossary string // fingerprint of the terms the engine was given, or UnknownGlossary; empty: none
	Human    bool
	At       time.Time
}

// UnknownGlossary is the Glossary of a Row that was bought before rows kept the terms of all engines. The row stands under any terms.
const UnknownGlossary = "unknown"

// Maker is what the memory holds of one engine and model, or of people.
type Maker struct {
	Engine, Model string
	Human         bool
	Rows          int   // translations
	Failed        int   // segments that it could not translate
	Chars         int64 // code points of the translations' sources
	First, Last   time.Time
}

// Limit is a ceiling on spending.
type Limit struct {
	Engine string // empty: all paid engines together
	Day    bool   // else the month
	Chars  int64  // 0: not limited in characters
	Micros int64  // 0: not limited in money; millionths of a dollar
}

// Cost is an amount spent.
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
	Limits []Limit     // days and months are those of At's own location
	Keys   map[Key]int // the segments, each with how many translations of it the buyer knows of
	Until  time.Time   // when the call is over, whatever became of it
}

// Ticket is an order that was granted.
type Ticket int64

// ErrNoTicket says that a ticket is settled already, or was never granted.
var ErrNoTicket = errors.New("no reservation has this ticket")

// Store is what translation needs kept. Reserve and Settle are atomic among processes: reservations and settled costs together
// never exceed a limit, and what was paid is stored in one transaction with what was bought.
type Store interface {
	// Recall returns every remembered row of each key, machine and human.
	Recall(ctx context.Context, keys []Key) (map[Key][]Row, error)
	// Reserve grants an order, or fails with an *Error of Kind Budget naming the limit. Where somebody else is about to buy some of its
	// segments (his order has them, is not settled, and not over), or has bought them since the buyer looked, it grants nothing and
	// returns these.
	Reserve(ctx context.Context, o Order) (t Ticket, taken []Key, err error)
	// Settle replaces the reservation by what was billed and stores rows. A zero cost without rows releases it. The cost of a ticket
	// never settled keeps counting; its segments are free when it is over. A ticket that is no more is ErrNoTicket.
	Settle(ctx context.Context, t Ticket, cost Cost, rows []Row) error
}
