package parse

import "bytes"

// isTelegram reports whether a page has the posts of a Telegram channel, wherever it is served.
func isTelegram(body []byte) bool { return bytes.Contains(body, []byte("tgme_channel_history")) }
