package fleet

import (
	"context"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// MakeQueue makes the tables of one of River's versions.
func MakeQueue(ctx context.Context, address string, version int) error {
	pool, err := Open(ctx, address)
	if err != nil {
		return err
	}
	defer pool.Close()
	m, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	if err != nil {
		return err
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, &rivermigrate.MigrateOpts{TargetVersion: version})
	return err
}

// Trigger triggers a step as a member does that has just joined.
func Trigger(ctx context.Context, address, step string) error {
	pool, err := Open(ctx, address)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := migrate(ctx, pool); err != nil {
		return err
	}
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{})
	if err != nil {
		return err
	}
	return (&member{client: client}).trigger(ctx, step)
}
