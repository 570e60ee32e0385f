package fetch

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"
)

// acquireHost waits until a request may go to host (host:port). release ends the request.
type acquireHost func(ctx context.Context, host string) (release func(), err error)

// hostLimits bounds how many requests go to one host at once.
type hostLimits struct {
	perHost int64
	further acquireHost // see Client.LimitHostsBy

	mu    sync.Mutex
	hosts map[string]*hostLimit // those with a request, or with one that waits
}

type hostLimit struct {
	*semaphore.Weighted
	users int
}

func newHostLimits(perHost int) hostLimits {
	unlimited := func(context.Context, string) (func(), error) { return func() {}, nil }
	return hostLimits{perHost: int64(perHost), further: unlimited, hosts: map[string]*hostLimit{}}
}

// acquire waits until a request may go to host. release may be called more than once.
func (l *hostLimits) acquire(ctx context.Context, host string, d *deadline) (release func(), err error) {
	limit := l.join(host)
	var releaseFurther func()
	err = d.pause(func() (err error) {
		if err = limit.Acquire(ctx, 1); err != nil {
			return err
		}
		if releaseFurther, err = l.further(ctx, host); err != nil {
			limit.Release(1)
		}
		return err
	})
	if err != nil {
		l.part(host, limit)
		return nil, err
	}
	return sync.OnceFunc(func() {
		releaseFurther()
		limit.Release(1)
		l.part(host, limit)
	}), nil
}

// join returns the limit of host and counts its user.
func (l *hostLimits) join(host string) *hostLimit {
	l.mu.Lock()
	defer l.mu.Unlock()
	limit := l.hosts[host]
	if limit == nil {
		limit = &hostLimit{Weighted: semaphore.NewWeighted(l.perHost)}
		l.hosts[host] = limit
	}
	limit.users++
	return limit
}

// part forgets the limit of host when its last user is gone.
func (l *hostLimits) part(host string, limit *hostLimit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if limit.users--; limit.users == 0 {
		delete(l.hosts, host)
	}
}
