package notify

import (
	"strings"
	"testing"

	"github.com/nashra/nashra/feeds"
)

func TestAddressesAreAccepted(t *testing.T) {
	for _, address := range []string{
		"ntfy://ntfy.sh/my-topic", "ntfy://user:pass@ntfy.example:8443/a/?scheme=http&priority=5",
		"ntfy://:tk_x@ntfy.sh/a?priority=urgent",
		"ntfy://[::1]:2586/a?disableTLS=yes", "ntfy://ntfy.sh/a?firebase=no&icon=https://a.example/i.png",
		"telegram://110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw@telegram?chats=@channel",
		"telegram://1:A-_@telegram/?channels=-1001234567890&notification=no&preview=false",
		"discord://token_-1@123", "discord://token@123?thread_id=5&avatar=https://a.example/a.png",
		"slack://xoxb:123456789012-1234567890123-4mt0t4l1YL3g1T5L4cK70k3N@C001CH4NN3L",
		"slack://hook:WNA3PBYV6-F20DUQND3RQ-Webc4MAvoacrpPakR8phF0zi@webhook",
		"slack://WNA3PBYV6/F20DUQND3RQ/Webc4MAvoacrpPakR8phF0zi",
		"matrix://:token@matrix.example/?rooms=!abc:matrix.example",
		"matrix://u:p@10.0.0.1:8008/?rooms=%23news:h&disableTLS=yes",
		"smtp://mail.example/?from=a@b.example&to=c+news@d.example,e@f.example",
		"smtp://u%40b:p%23@mail.example:465/?fromAddress=a@b.example&toAddresses=c@d.example&encryption=ImplicitTLS",
		"http://127.0.0.1:8080/hook", "https://user:pass@host.example/hook?key=1",
	} {
		if m := Check(feeds.Target{URL: address}); m != nil {
			t.Errorf("%s: %v; %s", address, m, m.Hint)
		}
	}
	for _, secret := range []string{"", "any text", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"} {
		if m := Check(feeds.Target{URL: "https://a.example/", Secret: secret}); m != nil {
			t.Errorf("%s: %v", secret, m)
		}
	}
}

// badAddresses are addresses that are refused, with a part of the hint.
var badAddresses = map[string]string{
	"":                                      "write one of ntfy://, ",
	"phone":                                 "write one of ",
	"mailto:a@b.example":                    "write one of ",
	"tgram://1:a/2":                         "write one of ",
	"ntfys://ntfy.sh/topic":                 "write one of ",
	"ntfy://ntfy.sh":                        "write ntfy://",
	"ntfy://ntfy.sh/a/b":                    "write ntfy://",
	"ntfy://ntfy.sh/موضوع":                  "write ntfy://",
	"ntfy:///topic":                         "write ntfy://",
	"ntfy://u:4rj5&g#5@h.example/topic":     "write %23 for #",
	"ntfy://ntfy.sh/a?priority=9":           "priority=1 to 5",
	"ntfy://ntfy.sh/a?priority=loud":        "min, low",
	"ntfy://ntfy.sh/a?scheme=ftp":           "scheme=http",
	"ntfy://ntfy.sh/a?titel=x":              "known are scheme",
	"ntfy://ntfy.sh/a?tags=%zz":             "write ntfy://",
	"telegram://token@telegram?chats=@a":    "write telegram://",
	"telegram://1:a@telegram":               "?chats=@channel",
	"telegram://1:a@telegram?chats=news":    "?chats=@channel",
	"telegram://1:a@telegram?chats=@a,@b":   "a target for each",
	"discord://123/token":                   "write discord://",
	"discord://token@name":                  "write discord://",
	"slack://hook:short@webhook":            "write slack://",
	"slack://xoxb:123456789012-1-a@":        "write slack://",
	"slack://hook:A-B-C@webhook?color=good": "none here",
	"matrix://token@host?rooms=!a:b":        "write matrix://:token@",
	"matrix://:token@host":                  "?rooms=",
	"matrix://:token@host?rooms=#a:b":       "%23",
	"matrix://:token@host?rooms=!a:b,!c:d":  "a target for each",
	"smtp://mail.example":                   "write smtp://",
	"smtp://mail.example?from=a@b.example":  "write smtp://",
	"smtp://mail.example?from=a@b.example&to=c@d.example&encryption=SSL": "ImplicitTLS",
	"smtp://mail.example?from=a@b.example%0d%0aBcc:x@y.z&to=c@d.example": "write smtp://",
	"https://": "write https://",
	"https://discord.com/api/webhooks/1/token":  "write discord://",
	"https://hooks.slack.com/services/A/B/C":    "write slack://",
	"https://api.telegram.org/bot1:a/":          "write telegram://",
	"https://ntfy.sh/topic":                     "write ntfy://",
	"http://a b.example/":                       "write %23",
	"smtp://u:p%zz@h.example/?from=a@b&to=c@d":  "%25 for %",
	"telegram://1:a@telegram?chats=@a#fragment": "%23",
}

func TestAddressesAreRefused(t *testing.T) {
	for address, hint := range badAddresses {
		m := Check(feeds.Target{URL: address})
		if m == nil || m.Key != "url" || !strings.Contains(m.Hint, hint) {
			t.Errorf("%s: %v, %+v", address, m, m)
		}
	}
	for secret, address := range map[string]string{"whsec_not base64": "https://a.example/",
		"whsec_": "https://a.example/",
		"secret": "ntfy://ntfy.sh/topic"} {
		if m := Check(feeds.Target{URL: address, Secret: secret}); m == nil || m.Key != "secret" || m.Hint == "" {
			t.Errorf("%s: %+v", secret, m)
		}
	}
}

// FuzzCheck checks that no address makes Check panic, or what it says reveal a part of the address.
func FuzzCheck(f *testing.F) {
	const sentinel = "s3ntinel"
	for address := range badAddresses {
		f.Add(address)
	}
	for _, address := range targets {
		f.Add(address)
	}
	f.Add("smtp://mail.example/?from=a@b.example&to=c@d.example")
	f.Fuzz(func(t *testing.T, address string) {
		for _, target := range []feeds.Target{{URL: address}, {URL: address + sentinel}, {URL: address,
			Secret: sentinel},
			{URL: strings.Replace(address, "=", "="+sentinel, 1)}, {URL: strings.Replace(address, "?", "?"+sentinel,
				1)}} {
			if m := Check(target); m != nil && (strings.Contains(m.Error()+m.Hint, sentinel) || m.Hint == "") {
				t.Errorf("%+v: %v; %s", target, m, m.Hint)
			}
		}
	})
}

// FuzzMessage checks that any text fits, as readable as it was.
func FuzzMessage(f *testing.F) {
	f.Add("title", "text", "https://a.example/")
	f.Add("عنوان *_`~|<>[](){}#&\\", "one\r\ntwo\x00\xff", "https://a.example/a_b*c")
	f.Fuzz(func(t *testing.T, title, text, link string) {
		m := Message{Title: oneLine(title), Text: feeds.Legal(text), URL: link}
		for _, of := range []size{inBytes, inUnits, sizeDiscord} {
			for _, limit := range []int{20, 300} {
				head, body, at := parts(m, limit, of)
				if n := of(lines(head, body, at)); n > limit {
					t.Errorf("%d of %d: %q", n, limit, lines(head, body, at))
				}
			}
		}
		if n, most := inUnits(escapeDiscord(text)), sizeDiscord(text); n > most {
			t.Errorf("%q takes %d, not %d", text, n, most)
		}
	})
}
