package notify

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/render"
	"github.com/nashra/nashra/feeds/site"
)

// namedOutlets is how many outlets a message names before the rest is counted: one line of a phone.
const namedOutlets = 3

// message makes the message of a notice. told is false if readers may no longer see what it is on.
func (n *Notifier) message(ctx context.Context, where feeds.Site, to feeds.Target, of Notice) (m Message, told bool,
	err error) {
	i := slices.IndexFunc(n.Catalog.Channels, func(ch feeds.Channel) bool { return ch.ID == to.Channel })
	if i < 0 {
		return m, false, nil
	}
	say := speech{where, n.Catalog.Channels[i], where.Publishers()}
	switch {
	case of.Stories > 0:
		m, told = say.more(of), true
	case isDigest(of.Key):
		m, told, err = n.onDigest(ctx, say, of.Key)
	default:
		err = n.Catalog.Each(ctx, where, []feeds.Listed{{ID: of.Key}}, func(s feeds.Story) error {
			m, told = say.story(s), !n.Catalog.Unseen(s)
			return nil
		})
	}
	m.ID, m.Time = messageID(to.ID, of.Key), of.At
	return m, told, err
}

// messageID returns the id of a message, which is the same at each try.
func messageID(target, key string) string {
	sum := sha256.Sum256([]byte(target + "\x00" + key))
	return "msg_" + hex.EncodeToString(sum[:16])
}

func (n *Notifier) onDigest(ctx context.Context, say speech, key string) (m Message, told bool, err error) {
	list, err := n.Catalog.Store.Digests(ctx, say.channel.ID, say.channel.Limit)
	if err != nil {
		return m, false, err
	}
	i := slices.IndexFunc(list, func(d feeds.Digest) bool { return d.ID() == key })
	if i < 0 {
		return m, false, nil
	}
	b, err := n.Catalog.Bulletin(ctx, say.where, list[i])
	return say.digest(b), len(b.Events)+len(b.Only) > 0, err
}

// speech words messages on what a channel shows: headlines in English, or in Arabic if they are not
// translated.
type speech struct {
	where     feeds.Site
	channel   feeds.Channel
	publisher func(source string) string
}

// What webhooks get as data: see docs/notify.md.
type (
	storyData struct {
		Channel   string    `json:"channel"`
		Story     string    `json:"story"`
		Title     titles    `json:"title"`
		Outlets   []string  `json:"outlets"`
		Reports   int       `json:"reports"`
		URL       string    `json:"url,omitempty"`  // of the original
		Page      string    `json:"page,omitempty"` // of ours; empty: it has no public address
		Published time.Time `json:"published"`
	}
	digestData struct {
		Channel string      `json:"channel"`
		From    time.Time   `json:"from"`
		To      time.Time   `json:"to"`
		Events  []storyData `json:"events"`
		Page    string      `json:"page,omitempty"`
	}
	moreData struct {
		Channel string `json:"channel"`
		Stories int    `json:"stories"`
		Page    string `json:"page,omitempty"`
	}
	titles struct {
		English string `json:"en,omitempty"`
		Arabic  string `json:"ar,omitempty"`
	}
)

func (w speech) story(s feeds.Story) Message {
	data := w.data(s)
	link := data.URL
	if link == "" || w.channel.Link == "page" && data.Page != "" {
		link = data.Page
	}
	return Message{Type: "story", Title: headline(s), Text: w.outlets(s, data), URL: link, Payload: data}
}

// data returns what webhooks get of s.
func (w speech) data(s feeds.Story) storyData {
	lead := s.Items[0]
	outlets := w.covering(s).Outlets(w.publisher)
	d := storyData{Channel: w.channel.ID, Story: s.ID, Title: titles{s.Translation.Title, s.Title}, Outlets: outlets,
		Reports: w.covering(s).Reports(), URL: feeds.URI(lead.URL), Page: w.page(feeds.StoryPath(s.ID)),
		Published: s.Published.UTC()}
	if s.Lang == "en" {
		d.Title = titles{English: s.Title}
	}
	return d
}

// covering returns s without linked stories, if the channel does not name them.
func (w speech) covering(s feeds.Story) feeds.Story {
	if w.channel.Events == "off" {
		s.Related, s.Elsewhere = nil, nil
	}
	return s
}

// headline returns the English headline of s, or its own.
func headline(s feeds.Story) string {
	return feeds.OneLine(cmp.Or(s.Translation.Title, s.Title, s.Items[0].URL))
}

// outlets names the first outlets of s, and says how many have it.
func (w speech) outlets(s feeds.Story, d storyData) string {
	var names []string
	of := map[string]bool{}
	name := func(source string) {
		if p := w.publisher(source); !of[p] && len(names) < namedOutlets {
			of[p] = true
			src := w.where.Sources[source]
			src.ID = source
			names = append(names, src.Name(feeds.English))
		}
	}
	s = w.covering(s)
	for _, m := range s.Items {
		name(m.SourceID)
	}
	for _, a := range s.Elsewhere {
		name(a.Source)
	}
	if more := len(d.Outlets) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	text := strings.Join(names, ", ")
	if len(d.Outlets)+d.Reports > 2 {
		text += "\n" + feeds.Coverage("en", len(d.Outlets), d.Reports)
	}
	return text
}

// digest lists the headlines of the events.
func (w speech) digest(b feeds.Bulletin) Message {
	zone := w.channel.Digest.Location()
	data := digestData{Channel: b.Channel, From: b.From.UTC(), To: b.To.UTC(), Events: []storyData{},
		Page: w.page(b.Path())}
	events := b.Events
	if len(events) == 0 {
		events = b.Only
	}
	var lines []string
	for i, c := range events {
		d := w.data(c.Told[0])
		d.Outlets, d.Reports = c.Outlets, c.Reports
		data.Events = append(data.Events, d)
		line := fmt.Sprintf("%d. %s (%s)", i+1, headline(c.Told[0]), feeds.Count("en", len(c.Outlets), "outlet"))
		if data.Page == "" {
			line += "\n" + d.URL
		}
		lines = append(lines, line)
	}
	return Message{Type: "digest", Title: w.title() + ": " + render.Period(b.From, b.To, zone, "en"),
		Text: strings.Join(lines, "\n"), URL: data.Page, Payload: data}
}

// more says in one line how many stories it sums up.
func (w speech) more(of Notice) Message {
	page := w.page(site.ListPath(w.channel.ID))
	more := "more stories"
	if of.Stories == 1 {
		more = "more story"
	}
	return Message{Type: "more", Title: fmt.Sprintf("%d %s: %s", of.Stories, more, w.title()), URL: page,
		Payload: moreData{w.channel.ID, of.Stories, page}}
}

// title returns the English name of the channel.
func (w speech) title() string { return cmp.Or(feeds.OneLine(w.channel.Title["en"]), w.channel.ID) }

// page returns the public address of a page; empty if it has none.
func (w speech) page(path string) string {
	if w.where.URL == "" {
		return ""
	}
	return feeds.URI(w.where.URL + path)
}
