package feeds

import (
	"strings"
	"testing"
)

func TestUploads(t *testing.T) {
	const feed, id = "https://www.youtube.com/feeds/videos.xml?", "abcdefghijklmnopqrstuv"
	for in, want := range map[string]string{
		feed + "channel_id=UC" + id:                             feed + "playlist_id=UU" + id,
		feed + "playlist_id=UU" + id:                            "",
		feed + "channel_id=UC..":                                "",
		"https://a.example/feeds/videos.xml?channel_id=UC" + id: "",
	} {
		if got := Uploads(in); got != want {
			t.Errorf("Uploads(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFileKey(t *testing.T) {
	for _, same := range [][2]string{
		{"https://cdn4.telesco.pe/file/a.jpg", "https://cdn4.telesco.pe/file/b.jpg"},
		{"https://cdn5.cdn-telegram.org/file/a.jpg", "https://cdn5.cdn-telegram.org/file/b.jpg"},
		{"https://a.example/a.jpg?utm_source=x", "https://a.example/a.jpg"},
	} {
		if FileKey(same[0]) != FileKey(same[1]) {
			t.Errorf("%q are two", same)
		}
	}
	for _, other := range [][2]string{
		{"https://a.example/a.jpg", "https://a.example/b.jpg"},
		{"https://telesco.pe.example/a.jpg", "https://telesco.pe.example/b.jpg"},
	} {
		if FileKey(other[0]) == FileKey(other[1]) {
			t.Errorf("%q are one", other)
		}
	}
}

func TestFeedAddress(t *testing.T) {
	const id = "UCabcdefghijklmnopqrstuv"
	const feed = "https://www.youtube.com/feeds/videos.xml?channel_id=" + id
	for in, want := range map[string]string{
		"https://t.me/s/qalam_tech":                                "https://t.me/s/qalam_tech",
		"https://t.me/qalam_tech":                                  "https://t.me/s/qalam_tech",
		"http://www.t.me/qalam_tech/":                              "http://www.t.me/s/qalam_tech",
		" https://t.me/Qalam_Tech \n":                              "https://t.me/s/Qalam_Tech",
		"https://t.me/@qalam_tech":                                 "https://t.me/s/qalam_tech",
		"https://t.me/qalam_tech/123?single":                       "https://t.me/s/qalam_tech",
		"https://t.me/s/qalam_tech?before=99":                      "https://t.me/s/qalam_tech",
		"https://t.me/s/qalam_tech?q=%23x":                         "https://t.me/s/qalam_tech?q=%23x",
		"https://telegram.me/qalam_tech":                           "https://telegram.me/s/qalam_tech",
		"https://qalam_tech.t.me/":                                 "https://t.me/s/qalam_tech",
		"https://t.me/+AbCdEfGhIjKl":                               "https://t.me/+AbCdEfGhIjKl",
		"https://t.me/joinchat/AbCdEf":                             "https://t.me/joinchat/AbCdEf",
		"https://t.me/c/1234567/8":                                 "https://t.me/c/1234567/8",
		"https://t.me/share/url?url=x":                             "https://t.me/share/url?url=x",
		"https://youtube.com/channel/" + id:                        feed,
		"https://m.youtube.com/channel/" + id:                      feed,
		"http://youtube.com/channel/" + id + "/":                   "http:" + strings.TrimPrefix(feed, "https:"),
		"https://www.youtube.com/channel/" + id + "/videos?view=0": feed,
		"https://www.youtube.com/playlist?list=PLx_y-z0123456": "https://www.youtube.com/feeds/videos.xml?" +
			"playlist_id=PLx_y-z0123456",
		"https://www.youtube.com/playlist?list=../x&a": "https://www.youtube.com/playlist?list=../x&a",
		"https://www.youtube.com/channel/UCshort":      "https://www.youtube.com/channel/UCshort",
		"https://www.youtube.com/@qalam":               "https://www.youtube.com/@qalam",
		feed:                                           feed,
		"https://t.me.evil.example/qalam_tech":         "https://t.me.evil.example/qalam_tech",
		"https://youtube.com.evil.example/c/x":         "https://youtube.com.evil.example/c/x",
		"https://a.example/t.me/qalam_tech":            "https://a.example/t.me/qalam_tech",
		"javascript://t.me/qalam_tech":                 "javascript://t.me/qalam_tech",
		"https://a.example/feed.xml#not-changed":       "https://a.example/feed.xml#not-changed",
	} {
		if got := FeedAddress(in); got != want {
			t.Errorf("FeedAddress(%q) = %q, want %q", in, got, want)
		}
	}
}
