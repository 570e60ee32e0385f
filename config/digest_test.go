package config

import (
	"strings"
	"testing"

	"github.com/nashra/nashra/feeds"
)

func TestDigestChannelsHaveDefaults(t *testing.T) {
	c, err := parse("t.yaml", []byte("timezone: Asia/Riyadh\nchannels:\n- {id: a, digest: {}}\n"+
		"- {id: b, limit: 7, digest: {schedule: '@weekly', timezone: UTC, top: 5, min_outlets: 2}}\n- {id: c}\n"), none)
	if err != nil {
		t.Fatal(err)
	}
	want := []feeds.Schedule{{Cron: "0 7 * * *", Timezone: "Asia/Riyadh", Top: 20, MinOutlets: 1},
		{Cron: "@weekly", Timezone: "UTC", Top: 5, MinOutlets: 2}, {}}
	for i, limit := range []int{30, 7, 100} {
		if ch := c.Channels[i]; ch.Digest != want[i] || ch.Limit != limit || ch.Digest.On() != (i < 2) {
			t.Errorf("channel %s: %+v, limit %d", ch.ID, ch.Digest, ch.Limit)
		}
	}
}

func TestMistakesInDigestChannelsAreTold(t *testing.T) {
	for _, c := range []struct{ channel, want string }{
		{"{id: d, digest: daily}", `t.yaml:2:19: channels[0].digest: want a mapping, not one value; ` +
			`write {schedule: "0 7 * * *"}`},
		{"{id: d, digest: {at: 7}}", `t.yaml:2:20: unknown key "at"; known here: min_outlets, schedule, timezone, top`},
		{"{id: d, digest: {schedule: CRON_TZ=Africa/Cairo 0 7 * * *}}", `t.yaml:2:30: channels[0].digest.schedule: ` +
			`names a timezone; write timezone: Africa/Cairo beside it`},
		{"{id: d, digest: {schedule: TZ=UTC @daily}}", `t.yaml:2:30: channels[0].digest.schedule: ` +
			`names a timezone; write timezone: Africa/Cairo beside it`},
		{"{id: d, digest: {schedule: '@every 24h'}}", `t.yaml:2:30: channels[0].digest.schedule: ` +
			`does not say when its periods begin; write @daily or "0 7 * * *"`},
		{"{id: d, digest: {schedule: '0 7 31 2 *'}}", `t.yaml:2:30: channels[0].digest.schedule: ` +
			`"0 7 31 2 *" never occurs; write @daily or "0 7 * * *"`},
		{"{id: d, digest: {timezone: Cairo}}", `t.yaml:2:30: channels[0].digest.timezone: ` +
			`"Cairo" is not a timezone; write Africa/Cairo`},
		{"{id: d, digest: {top: 0}}", `t.yaml:2:25: channels[0].digest.top: want at least 1`},
		{"{id: d, digest: {min_outlets: 0}}", `t.yaml:2:33: channels[0].digest.min_outlets: want at least 1`},
		{"{id: d, digest: {}, window: 7d}", `t.yaml:2:31: channels[0].window: has no effect on a digest; remove it`},
		{"{id: d, digest: {}, wait: 0}", `t.yaml:2:29: channels[0].wait: has no effect on a digest; remove it`},
		{"{id: d, digest: {}, layout: blocks}",
			`t.yaml:2:31: channels[0].layout: has no effect on a digest; remove it`},
		{"{id: d, digest: {}, events: off}", `t.yaml:2:31: channels[0].events: has no effect on a digest; remove it`},
		{"{id: d, title: {en: Day}, digest: {}}\n- {id: d, title: {ar: اليوم}, digest: {}}",
			`t.yaml:3:8: channels[1].id: ` +
				`"d" is here twice, first in line 2; give one of them another id: ` +
				`a channel has both languages, and an edition in each`},
	} {
		_, err := parse("t.yaml", []byte("channels:\n- "+c.channel+"\n"), none)
		if err == nil || strings.TrimSpace(err.Error()) != c.want {
			t.Errorf("%s:\n%v, want\n%s", c.channel, err, c.want)
		}
	}
}
