package parse

// Roots of the documents of sitemaps.org, in lower case.
const (
	urlset       = "urlset"
	sitemapIndex = "sitemapindex"
)
