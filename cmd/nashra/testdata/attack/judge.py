"""Judges what was published by html5lib, expat and Python's own JSON, which know nothing of nashra.

judge.py FOLDER...: prints {"files", "fragments", "findings": [{"file", "what", "text"}], "entries": {file: how many}}.
"""
import json, os, re, sys, urllib.parse, xml.etree.ElementTree as ET
import html5lib
from html5lib.serializer import HTMLSerializer

HTML = "{http://www.w3.org/1999/xhtml}"
BLOCKS = set("p div h1 h2 h3 h4 h5 h6 blockquote pre hr ul ol li dl dt dd figure figcaption table caption thead tbody tfoot tr td th".split())
INLINE = set("a img br b strong i em u s del ins mark small sub sup code kbd samp var q cite abbr time bdi bdo span".split())
ATTRIBUTES = {"": {"lang", "dir"}, "a": {"href", "title"}, "img": {"src", "alt", "title", "width", "height"}, "abbr": {"title"}, "td": {"colspan", "rowspan"},
              "th": {"colspan", "rowspan"}, "ol": {"start"}, "time": {"datetime"}, "blockquote": {"cite"}, "q": {"cite"}}
# what our own pages have beside
PAGE = set("html head meta title link style body header nav main footer section article details summary form input label button select option".split())
PAGE_BLOCKS = BLOCKS | PAGE
PAGE_ATTRIBUTES = {"": {"lang", "dir", "class", "id", "aria-label", "aria-labelledby", "aria-current"}, "img": {"loading"}, "select": {"name"}, "option": {"value", "selected"}, "a": {"href", "hreflang", "type", "rel", "title"}, "meta": {"charset", "http-equiv", "name", "property", "content"},
                   "link": {"rel", "type", "title", "hreflang", "href"}, "main": {"tabindex"}, "form": {"action", "method", "role"}, "input": {"type", "name", "value", "required", "maxlength", "placeholder", "autocomplete", "enterkeyhint"}}
IDS = re.compile(r"^(story-[0-9a-f]{16}|ar|both|covered|en|latest|main|q|words)$")
CLASSES = re.compile(r"^(around|beside|brief|channel|covered|digest|editions|empty|error|files|filter|follow|from|front|half|headline|index|lead|line|list|mast|menu|meta|more|note|original|own|pages|paired|quiet|reports|search|side|single|skip|story|subscribe|switch|text|thumb|title|wait|whole)$")
SEARCH = "search"  # where the server puts its form
ADDRESSES = {"href", "src", "cite", "action", "url", "uri"}
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\ufffe\uffff\ud800-\udfff]")
OPENING, CLOSING = "\u2066\u2067\u2068", "\u2069"

report = {"files": 0, "fragments": 0, "findings": [], "entries": {}}
judged = set()


class Place:
    def __init__(self, file):
        self.file = file

    def find(self, what, text):
        report["findings"].append({"file": self.file, "what": what, "text": str(text)[:500]})

    def characters(self, text):
        if FORBIDDEN.search(text):
            self.find("a control character or an override of direction", ascii(text))

    def line(self, text):
        """text that stands for itself: whatever it opens it closes."""
        self.characters(text)
        depth = 0
        for c in text:
            depth += (c in OPENING) - (c == CLOSING)
            if depth < 0:
                break
        if depth:
            self.find("an isolate without its end, or an end without one", ascii(text))

    def address(self, value, relative=False, mail=False):
        self.characters(value)
        bare = re.sub("[\x00-\x20]", "", value)
        if bare != value:
            self.find("white space in an address", ascii(value))
        try:
            u = urllib.parse.urlsplit(bare)
        except ValueError as err:
            return self.find("no address: %s" % err, value)
        if u.scheme.lower() in ("http", "https"):
            if not u.hostname:
                self.find("an address without a host", value)
        elif u.scheme or ":" in bare.split("/")[0].split("?")[0].split("#")[0]:
            if not (mail and u.scheme == "mailto"):
                self.find("an unsafe scheme", value)
        elif not relative or bare.startswith(("//", "\\")):
            self.find("an address that is not whole", value)

    def markup(self, text):
        """HTML of an item."""
        if text in judged:
            return
        judged.add(text)
        report["fragments"] += 1
        self.characters(text)
        trees = []
        for container in ("div", "td", "body", "document"):
            tree = parse(text, container)
            if container != "document":
                trees.append((container, shape(tree)))
            else:
                trees.append((container, shape(tree.find(HTML + "body"))))
            written = HTMLSerializer(quote_attr_values="always", omit_optional_tags=False, alphabetical_attributes=False).render(html5lib.getTreeWalker("etree")(tree))
            if container != "document":
                trees.append((container + " again", shape(parse(written, container))))
        for name, tree in trees[1:]:
            if tree != trees[0][1]:
                self.find("parsed in %s it is another tree" % name, text)
        tree = parse(text, "div")
        for e in tree.iter():
            if e is not tree:
                self.element(e, BLOCKS | INLINE, ATTRIBUTES, relative=False)
        self.isolates(tree, BLOCKS)

    def page(self, text):
        """one of our own pages."""
        parser = html5lib.HTMLParser(strict=False)
        tree = parser.parse(text)
        for (line, _), code, more in parser.errors:
            self.find("html5lib says %s %s" % (code, more), text.split("\n")[line - 1])
        names = [e.tag.replace(HTML, "") for e in tree.iter() if isinstance(e.tag, str)]
        for name, most in {"style": 1, "title": 1, "main": 1, "body": 1, "h1": 1, "meta": 14}.items():
            if names.count(name) > most:
                self.find("%d elements %s, not %d" % (names.count(name), name, most), "")
        seen = set()
        for e in tree.iter():
            self.element(e, BLOCKS | INLINE | PAGE, {k: ATTRIBUTES.get(k, set()) | PAGE_ATTRIBUTES.get(k, set()) | ({"class"} if k else set())
                                                     for k in set(ATTRIBUTES) | set(PAGE_ATTRIBUTES)}, relative=True)
            if i := e.get("id"):
                if i in seen or not IDS.match(i):
                    self.find("an id that is not ours, or stands twice", i)
                seen.add(i)
            for c in (e.get("class") or "").split():
                if not CLASSES.match(c):
                    self.find("a class that is not ours", c)
            if e.tag == HTML + "meta" and e.get("http-equiv") not in (None, "Content-Security-Policy"):
                self.find("a meta element that is not ours", e.attrib)
            if e.tag == HTML + "link" and e.get("rel") not in ("alternate", "icon", "canonical", "search"):
                self.find("a link element that is not ours", e.attrib)
        self.isolates(tree.find(HTML + "body"), PAGE_BLOCKS | {"bdi", "a"})

    def element(self, e, allowed, attributes, relative):
        if not isinstance(e.tag, str):
            if not (relative and e.text == SEARCH):
                self.find("a comment, or something of the kind", e.text)
            return
        name = e.tag.replace(HTML, "")
        if name not in allowed:
            return self.find("the element %s" % name, e.attrib)
        for key, value in e.attrib.items():
            if key not in attributes[""] | attributes.get(name, set()):
                self.find("the attribute %s of %s" % (key, name), value)
            elif key in ADDRESSES:
                self.address(value, relative, mail=name == "a")
            else:
                self.line(value)

    def isolates(self, tree, blocks):
        """each line of a block closes what it opens, and nothing else."""
        run = []

        def flush():
            self.line("".join(run))
            run.clear()

        def walk(e):
            edge = isinstance(e.tag, str) and e.tag.replace(HTML, "") in blocks | {"br"}
            if edge:
                flush()
            run.append(e.text or "" if e.tag != HTML + "style" else "")
            for c in e:
                walk(c)
                run.append(c.tail or "")
            if edge:
                flush()

        walk(tree)
        flush()


def parse(text, container):
    if container == "document":
        return html5lib.parse("<!doctype html><title>x</title><body>" + text)
    return html5lib.parseFragment(text, container=container)


def shape(e):
    """a tree as a value: names, attributes, texts. White space around the whole, and the first line break of a pre, which parsers drop, do not count."""
    out, text = [], e.text or ""
    if e.tag == HTML + "pre":
        text = text.lstrip("\n")
    out.append(text)
    for c in e:
        out.append((str(c.tag), sorted(c.attrib.items()), shape(c)))
        out.append(c.tail or "")
    return tuple(map(str, out))


def atom(place, root):
    ns = "{http://www.w3.org/2005/Atom}"
    for e in root.iter():
        name = e.tag.replace(ns, "")
        if e.get("type") == "html":
            place.markup(e.text or "")
        else:
            place.line(e.text or "")
        for key, value in e.attrib.items():
            if key in ADDRESSES:
                place.address(value)
            else:
                place.line(value)
        if name in ("uri", "logo", "icon"):
            place.address(e.text)
    return len(root.findall(ns + "entry"))


def rss(place, root):
    for e in root.iter():
        name = e.tag.split("}")[-1]
        if name in ("description", "encoded"):
            place.markup(e.text or "")
        else:
            place.line(e.text or "")
        if name in ("title", "category", "creator") and any(True for _ in html5lib.parseFragment(e.text or "")):
            place.find("readers take it for markup", e.text)
        if name in ("link", "comments", "url") and (e.text or "").strip():
            place.address(e.text)
        for key, value in e.attrib.items():
            if key in ADDRESSES:
                place.address(value)
            else:
                place.line(value)
    return len(root.findall("channel/item"))


def json_feed(place, feed):
    def walk(key, v):
        if isinstance(v, dict):
            for k, w in v.items():
                place.line(k)
                walk(k, w)
        elif isinstance(v, list):
            for w in v:
                walk(key, w)
        elif isinstance(v, str):
            if key in ("content_html", "summary_html"):
                place.markup(v)
            elif key.endswith("url") or key in ("image", "banner_image", "icon", "favicon"):
                if v:
                    place.address(v)
            else:
                place.line(v)

    walk("", feed)
    return len(feed["items"])


def opml(place, root):
    for e in root.iter():
        place.line(e.text or "")
        for key, value in e.attrib.items():
            (place.address if key in ("xmlUrl", "htmlUrl") else place.line)(value)


for folder in sys.argv[1:]:
    for at, _, names in os.walk(folder):
        for name in sorted(names):
            if name.endswith((".png", ".ico")):
                continue
            file = os.path.join(at, name)
            with open(file, "rb") as f:
                data = f.read()
            place, kind = Place(file), name.rsplit(".", 1)[-1]
            report["files"] += 1
            try:
                text = data.decode("utf-8")
                if kind == "html":
                    place.page(text)
                elif kind == "json":
                    report["entries"][file] = json_feed(place, json.loads(text))
                elif kind in ("atom", "rss"):
                    report["entries"][file] = {"atom": atom, "rss": rss}[kind](place, ET.fromstring(data))
                elif kind == "opml":
                    opml(place, ET.fromstring(data))
            except (ValueError, ET.ParseError) as err:
                place.find("not well formed: %s" % err, "")
json.dump(report, sys.stdout)
