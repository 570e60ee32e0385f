package feeds

// Target is a place that is told of new stories, as the config file names it.
type Target struct {
	ID      string `yaml:"id" json:"id"`
	URL     string `yaml:"url" json:"-"`               // a secret: ntfy, telegram, discord, slack, matrix, smtp or http
	Secret  string `yaml:"secret,omitempty" json:"-"`  // signs what is sent to an http address; empty: unsigned
	Channel string `yaml:"channel" json:"channel"`     // its new stories, or digests, are told
	When    When   `yaml:"when,omitempty" json:"when"` // zero: always
}

// When says which stories of a channel a target is told of.
type When struct {
	MinOutlets int      `yaml:"min_outlets,omitempty" json:"min_outlets,omitempty"`
	Include    []string `yaml:"include,omitempty" json:"include,omitempty"` // words or /regular expressions/
	Exclude    []string `yaml:"exclude,omitempty" json:"exclude,omitempty"`
}
