package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/nashra/nashra/translate"
)

// Days and months as they are kept: those of the zone of the time they are taken from.
const (
	dayForm   = "2006-01-02"
	monthForm = "2006-01"
)

// Reserve grants a cost within the limits: see translate.Store. Writers take turns, so no two can be granted the same remainder.
func (s *Store) Reserve(ctx context.Context, engine string, cost translate.Cost, at time.Time, limits []translate.Limit) (translate.Ticket, error) {
	ticket := 1 + rand.Int64N(1<<62) // not counted up: a number that comes back would let one ticket settle another
	var denied *translate.Error
	err := s.write(ctx, func(tx *sql.Tx) error {
		for _, l := range limits {
			if l.Engine != "" && l.Engine != engine {
				continue
			}
			used, err := used(ctx, tx, l, at)
			if err != nil {
				return err
			}
			if l.Chars > 0 && used.Chars+cost.Chars > l.Chars || l.Micros > 0 && used.Micros+cost.Micros > l.Micros {
				denied = &translate.Error{Kind: translate.Budget, Engine: engine, Err: errors.New(spentText(l))}
				return denied
			}
		}
		return run(ctx, tx, "INSERT INTO reservations (ticket, engine, day, month, chars, micros) VALUES ($1, $2, $3, $4, $5, $6)",
			ticket, engine, at.Format(dayForm), at.Format(monthForm), cost.Chars, cost.Micros)
	})
	switch {
	case denied != nil:
		return 0, denied
	case err != nil:
		return 0, fmt.Errorf("reserve for engine %s: %w", engine, err)
	}
	return translate.Ticket(ticket), nil
}

// used is what counts against l at the time at: what was spent and what is reserved.
func used(ctx context.Context, tx *sql.Tx, l translate.Limit, at time.Time) (c translate.Cost, err error) {
	period, value := "month", at.Format(monthForm)
	if l.Day {
		period, value = "day", at.Format(dayForm)
	}
	where := " WHERE " + period + " = $1 AND ($2 = '' OR engine = $2)"
	err = tx.QueryRowContext(ctx, `SELECT CAST(COALESCE(SUM(chars), 0) AS BIGINT), CAST(COALESCE(SUM(micros), 0) AS BIGINT) FROM (
		SELECT chars, micros FROM spent`+where+" UNION ALL SELECT chars, micros FROM reservations"+where+") AS both_tables",
		value, l.Engine).Scan(&c.Chars, &c.Micros)
	return c, err
}

// Used is what was spent or is reserved of each limit in the day or month of at, in the order of limits.
func (s *Store) Used(ctx context.Context, limits []translate.Limit, at time.Time) (out []translate.Cost, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		for _, l := range limits {
			c, err := used(ctx, tx, l, at)
			if err != nil {
				return fmt.Errorf("read what was spent: %w", err)
			}
			out = append(out, c)
		}
		return nil
	})
	return out, err
}

// spentText is a limit as a sentence, without what is left of it: the same limit always gives the same text.
func spentText(l translate.Limit) string {
	amount, period, of := fmt.Sprintf("%d characters", l.Chars), "month", ""
	if l.Chars == 0 {
		amount = fmt.Sprintf("$%.2f", float64(l.Micros)/1e6)
	} else if l.Micros > 0 {
		amount += fmt.Sprintf(" or $%.2f", float64(l.Micros)/1e6)
	}
	if l.Day {
		period = "day"
	}
	if l.Engine == "" {
		of = " for all engines"
	}
	return amount + " a " + period + of + " are spent"
}

// Settle replaces a reservation by what was billed and stores what was bought: see translate.Store. Ticket 0 is no reservation: the
// rows are only stored.
func (s *Store) Settle(ctx context.Context, t translate.Ticket, cost translate.Cost, rows []translate.Row) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		if t != 0 {
			if err := settle(ctx, tx, t, cost); err != nil {
				return fmt.Errorf("settle: %w", err)
			}
		}
		return memorise(ctx, tx, rows)
	})
}

func settle(ctx context.Context, tx *sql.Tx, t translate.Ticket, cost translate.Cost) error {
	var engine, day, month string
	err := tx.QueryRowContext(ctx, "DELETE FROM reservations WHERE ticket = $1 RETURNING engine, day, month", int64(t)).Scan(&engine, &day, &month)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("no reservation has the ticket %d", t)
	case err != nil:
		return err
	case cost == translate.Cost{}:
		return nil
	}
	return run(ctx, tx, `INSERT INTO spent (engine, day, month, chars, micros) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (engine, day) DO UPDATE SET chars = spent.chars + excluded.chars, micros = spent.micros + excluded.micros`,
		engine, day, month, cost.Chars, cost.Micros)
}
