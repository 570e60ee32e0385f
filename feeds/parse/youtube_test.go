package parse

import (
	"strings"
	"testing"

	"github.com/nashra/nashra/feeds"
)

const (
	myChannel    = "UCabcdefghijklmnopqrstuv"
	otherChannel = "UC0000000000000000000000"
)

func TestElsewhere(t *testing.T) {
	const at = "https://www.youtube.com/@qalam"
	const host = "https://www.youtube.com"
	feed := host + "/feeds/videos.xml?channel_id=" + myChannel
	link := func(rel, href string) string { return `<link rel="` + rel + `" href="` + href + `">` }
	rss := func(href string) string {
		return `<link rel="alternate" type="application/rss+xml" title="RSS" href="` + href + `">`
	}
	meta := func(name, id string) string { return `<meta itemprop="` + name + `" content="` + id + `">` }
	data := func(text string) string { return "<script>var ytInitialData = {" + text + "}</script>" }
	for name, c := range map[string]struct{ base, page, want string }{
		"by its alternate link": {at, rss(feed), feed},
		"by its canonical link": {at, link("canonical", host+"/channel/"+myChannel), feed},
		"by its identifier":     {at, meta("identifier", myChannel), feed},
		"by a video's channel": {at, link("canonical", host+"/watch?v=aaaaaaaaaaa") + meta("channelId", myChannel),
			feed},
		"by its Open Graph address": {at, `<meta property="og:url" content="` + host + "/channel/" + myChannel + `">`,
			feed},
		"by its data": {at, data(`"channelId":"` + otherChannel + `","externalId":"` + myChannel + `"`), feed},
		"the surer one counts": {at, data(`"externalId":"`+otherChannel+`"`) + meta("identifier", otherChannel) +
			link("canonical", host+"/channel/"+myChannel), feed},
		"other channels' ids do not": {at, data(`"channelId":"` + otherChannel + `"`), ""},
		"on the mobile site":         {"https://m.youtube.com/@qalam", meta("identifier", myChannel), feed},
		"not on another site":        {"https://site.example/@qalam", meta("identifier", myChannel), ""},
		"a link inside": {at, rss("http://169.254.169.254/feeds/videos.xml?channel_id=" + myChannel),
			feed},
		"a link to another port": {at, link("canonical", "http://www.youtube.com:22/channel/"+myChannel+"/../x"),
			feed},
		"an id that is none": {at, link("canonical", host+"/channel/UC/../x"), ""},
		"an id with more":    {at, meta("identifier", myChannel+"&user=x"), ""},
		"a feed is no page":  {feed, `<feed><link rel="self" href="` + feed + `"/></feed>`, ""},
	} {
		page := "<!DOCTYPE html><html><head>" + c.page + "</head></html>"
		if strings.HasPrefix(c.page, "<feed") {
			page = c.page
		}
		if got := Elsewhere(feeds.Document{Base: c.base, Body: []byte(page)}); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func FuzzElsewhere(f *testing.F) {
	f.Add([]byte(`<!DOCTYPE html><link rel="canonical" href="https://www.youtube.com/channel/` + myChannel + `">`))
	f.Add([]byte(`<html><script>{"externalId":"` + myChannel + `"}`))
	f.Fuzz(func(t *testing.T, page []byte) {
		const feed = "https://www.youtube.com/feeds/videos.xml?channel_id="
		got := Elsewhere(feeds.Document{Base: "https://www.youtube.com/@x", Body: page})
		if got != "" && (!strings.HasPrefix(got, feed) || len(got) != len(feed)+len(myChannel)) {
			t.Fatalf("leads to %q", got)
		}
	})
}
