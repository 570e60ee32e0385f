package storetest

import (
	"reflect"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/notify"
)

// keysOf returns the keys of notices, in order.
func keysOf(list []notify.Notice) (keys []string) {
	for _, n := range list {
		keys = append(keys, n.Key)
	}
	return keys
}

func outbox(t *testing.T, st Store) {
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	target := func(id string) notify.Target {
		t.Helper()
		known, err := st.Targets(ctx)
		must(err)
		return known[id]
	}
	waiting := func(id string, want ...string) []notify.Notice {
		t.Helper()
		list, err := st.WaitingNotices(ctx, id)
		if err != nil || !reflect.DeepEqual(keysOf(list), want) {
			t.Errorf("%v wait for %s, want %v: %v", keysOf(list), id, want, err)
		}
		return list
	}
	must(st.MeetTargets(ctx, noon, "phone", "hook"))
	must(st.MeetTargets(ctx, noon.Add(time.Hour), "phone", "late"))
	if a, b := target("phone").Since, target("late").Since; !a.Equal(noon) || !b.Equal(noon.Add(time.Hour)) {
		t.Errorf("first seen %v and %v", a, b)
	}
	notice := func(key string, state notify.NoticeState, filed time.Duration) notify.Notice {
		return notify.Notice{Key: key, State: state, Changed: 7, At: noon, Filed: noon.Add(filed)}
	}
	line := notice("more/3", notify.Waiting, 0)
	line.Stories = 3
	failed := notice("failed", notify.Waiting, 0)
	failed.Tries, failed.Again = 2, noon.Add(time.Minute)
	all := []notify.Notice{notice("newer", notify.Waiting, time.Hour), line, failed, notice("left", notify.Left, 0),
		notice("older", notify.Waiting, -time.Hour), notice("done", notify.Done, 0)}
	must(st.QueueNotices(ctx, "phone", all))
	must(st.QueueNotices(ctx, "hook", all[:1]))
	list := waiting("phone", "older", "newer", "failed", "more/3")
	if !reflect.DeepEqual(list[2], failed) || !reflect.DeepEqual(list[3], line) {
		t.Errorf("came back as\n%+v", list)
	}
	judged, err := st.Notices(ctx, "phone", []string{"left", "done", "unknown"})
	if err != nil || len(judged) != 2 || !reflect.DeepEqual(judged["left"], all[3]) {
		t.Errorf("judged %+v, %v", judged, err)
	}

	sent := list[0]
	sent.State = notify.Done
	now := target("phone")
	if now.Waiting != 4 {
		t.Errorf("%d wait", now.Waiting)
	}
	now.Sent, now.GivenUp, now.Failures, now.Error = 5, 2, 3, "status 500"
	now.Failing, now.Again = noon.Add(time.Minute), noon.Add(time.Hour)
	must(st.SetTarget(ctx, now, sent))
	now.Waiting = 3
	if got := target("phone"); !reflect.DeepEqual(got, now) {
		t.Errorf("the target came back as\n%+v, want\n%+v", got, now)
	}
	must(st.QueueNotices(ctx, "phone", []notify.Notice{notice("left", notify.Waiting, 0)}, "more/3", "newer"))
	waiting("phone", "left", "failed")
	waiting("hook", "newer")

	// A target without news since is forgotten with its notices, one that is named or has news is not.
	must(st.ForgetTargets(ctx, noon.Add(time.Minute), []string{"phone"}))
	if got := target("hook"); got.ID != "" || target("phone").ID == "" || target("late").ID == "" {
		t.Errorf("kept %+v", got)
	}
	waiting("hook")
	must(st.QueueNotices(ctx, "late", []notify.Notice{notice("news", notify.Done, 0)}))
	must(st.ForgetTargets(ctx, noon, nil))
	if target("phone").ID == "" || target("late").ID == "" {
		t.Error("forgotten too early")
	}
	must(st.MeetTargets(ctx, noon))
	must(st.QueueNotices(ctx, "phone", nil))
}

// What was told of a story is forgotten with it.
func outboxExpires(t *testing.T, st Store) {
	ctx := t.Context()
	gone, stays := entry("a", "1", "خبر أول"), entry("b", "1", "خبر ثان")
	began(t, st, gone, stays)
	ids := []string{aggregator.StoryID(gone), aggregator.StoryID(stays)}
	err := st.MeetTargets(ctx, noon, "phone")
	if err == nil {
		err = st.QueueNotices(ctx, "phone", []notify.Notice{{Key: ids[0], State: notify.Done, At: noon},
			{Key: ids[1], State: notify.Done, At: noon}})
	}
	if err != nil {
		t.Fatal(err)
	}
	if n, err := st.Expire(ctx, noon.AddDate(1, 0, 0), ids[1:]); err != nil || n != 1 {
		t.Fatalf("%d expired: %v", n, err)
	}
	if left, err := st.Notices(ctx, "phone", ids); err != nil || len(left) != 1 || left[ids[1]].Key == "" {
		t.Errorf("left are %+v, %v", left, err)
	}
}
