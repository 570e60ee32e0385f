package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/nashra/nashra/translate"
)

// Formats of days and months. Each is in the time zone of the time it is made from, the budget's.
const (
	dayForm   = "2006-01-02"
	monthForm = "2006-01"
)

// Reserve grants an order: see translate.Store. Writers take turns, so no two are granted the same
// budget or segment.
func (s *Store) Reserve(ctx context.Context, o translate.Order) (translate.Ticket, []translate.Key, error) {
	ticket := 1 + rand.Int64N(1<<62) // random: a number used twice would let one ticket settle another
	if err := s.buy(ctx); err != nil {
		return 0, nil, err
	}
	var denied *translate.Error
	var taken []translate.Key
	err := s.writeDurably(ctx, func(tx transaction) (err error) {
		if taken, err = claimed(ctx, tx, o); err != nil || len(taken) > 0 {
			return err
		}
		for _, l := range o.Limits {
			if l.Engine != "" && l.Engine != o.Engine {
				continue
			}
			used, err := usage(ctx, tx, l, o.At)
			if err != nil {
				return err
			}
			if left := remainder(l, used); o.Cost.Chars > left.Chars || o.Cost.Micros > left.Micros {
				denied = &translate.Error{
					Kind: translate.Budget, Engine: o.Engine, Left: left, Err: errors.New(spentText(l)),
				}
				return denied
			}
		}
		err = tx.insert(ctx, "reservations (ticket, engine, day, month, chars, micros)", "", [][]any{
			{ticket, o.Engine, o.At.Format(dayForm), o.At.Format(monthForm), o.Cost.Chars, o.Cost.Micros},
		})
		if err != nil {
			return err
		}
		var claims [][]any
		for key := range o.Keys {
			claims = append(claims, []any{key[:], ticket, millis(o.Until)})
		}
		return tx.insert(ctx, "claims (key, ticket, until)", "", claims)
	})
	switch {
	case denied != nil:
		return 0, nil, denied
	case err != nil:
		return 0, nil, fmt.Errorf("reserve for engine %s: %w", o.Engine, err)
	case len(taken) > 0:
		return 0, taken, nil
	}
	return translate.Ticket(ticket), nil, nil
}

// usage returns what was spent or is reserved under l in the day or month of at.
func usage(ctx context.Context, tx transaction, l translate.Limit, at time.Time) (c translate.Cost, err error) {
	period, value := "month", at.Format(monthForm)
	if l.Day {
		period, value = "day", at.Format(dayForm)
	}
	where := " WHERE " + period + " = $1 AND ($2 = '' OR engine = $2)"
	err = tx.QueryRowContext(ctx, `
		SELECT CAST(COALESCE(SUM(chars), 0) AS BIGINT), CAST(COALESCE(SUM(micros), 0) AS BIGINT)
		FROM (SELECT chars, micros FROM spent`+where+`
		UNION ALL SELECT chars, micros FROM reservations`+where+`) AS both_tables`,
		value, l.Engine).Scan(&c.Chars, &c.Micros)
	return c, err
}

// remainder returns what is left of l; it may be negative.
func remainder(l translate.Limit, used translate.Cost) translate.Cost {
	out := translate.Cost{Chars: math.MaxInt64, Micros: math.MaxInt64}
	if l.Chars > 0 {
		out.Chars = l.Chars - used.Chars
	}
	if l.Micros > 0 {
		out.Micros = l.Micros - used.Micros
	}
	return out
}

// Used returns what was spent or is reserved under each limit in the day or month of at, in the
// order of limits.
func (s *Store) Used(ctx context.Context, limits []translate.Limit, at time.Time) (out []translate.Cost, err error) {
	err = s.read(ctx, func(tx transaction) error {
		for _, l := range limits {
			c, err := usage(ctx, tx, l, at)
			if err != nil {
				return fmt.Errorf("read what was spent: %w", err)
			}
			out = append(out, c)
		}
		return nil
	})
	return out, err
}

// Spent is what an engine spent or reserved on a day.
type Spent struct {
	Day    string `json:"day"` // of the budget's zone: 2026-11-25
	Engine string `json:"engine"`
	translate.Cost
}

// Spending returns what was spent or is reserved in the month of at, oldest first.
func (s *Store) Spending(ctx context.Context, at time.Time) (out []Spent, err error) {
	err = s.read(ctx, func(tx transaction) error {
		return tx.each(ctx, func(rows *sql.Rows) error {
			var sp Spent
			err := rows.Scan(&sp.Day, &sp.Engine, &sp.Chars, &sp.Micros)
			out = append(out, sp)
			return err
		}, `SELECT day, engine, CAST(SUM(chars) AS BIGINT), CAST(SUM(micros) AS BIGINT) FROM (
			SELECT day, engine, chars, micros FROM spent WHERE month = $1 UNION ALL
			SELECT day, engine, chars, micros FROM reservations WHERE month = $1) AS both_tables
			GROUP BY day, engine ORDER BY day, engine`,
			at.Format(monthForm))
	})
	if err != nil {
		return nil, fmt.Errorf("read what was spent: %w", err)
	}
	return out, nil
}

// spentText says that a limit is spent, without what is left: the same limit gives the same text.
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

// Settle replaces a reservation by what was billed and stores what was bought: see translate.Store.
// With ticket 0 it only stores the rows.
func (s *Store) Settle(ctx context.Context, t translate.Ticket, cost translate.Cost, rows []translate.Row) error {
	return s.write(ctx, func(tx transaction) error {
		if t != 0 {
			if err := settle(ctx, tx, t, cost); err != nil {
				return fmt.Errorf("settle: %w", err)
			}
		}
		return memorise(ctx, tx, rows)
	})
}

func settle(ctx context.Context, tx transaction, t translate.Ticket, cost translate.Cost) error {
	var engine, day, month string
	err := tx.QueryRowContext(ctx, "DELETE FROM reservations WHERE ticket = $1 RETURNING engine, day, month", int64(t)).
		Scan(&engine, &day, &month)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return translate.ErrNoTicket
	case err != nil:
		return err
	case cost == translate.Cost{}:
		return nil
	}
	return tx.run(ctx, `INSERT INTO spent (engine, day, month, chars, micros) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (engine, day)
		DO UPDATE SET chars = spent.chars + excluded.chars, micros = spent.micros + excluded.micros`,
		engine, day, month, cost.Chars, cost.Micros)
}
