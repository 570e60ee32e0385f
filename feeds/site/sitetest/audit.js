// Returns what is wrong with the page: a list of sentences.
(({foreign}) => {
  const wrong = [];
  const start = e => e.outerHTML.slice(0, 120);
  const all = q => [...document.querySelectorAll(q)];
  const seen = e => e.checkVisibility() && e.getBoundingClientRect().width > 1;
  const own = e => [...e.childNodes].filter(n => n.nodeType == 3).map(n => n.data).join('').trim();

  const levels = all('h1, h2, h3, h4, h5, h6').map(h => +h.localName[1]);
  if (levels[0] != 1 || levels.filter(l => l == 1).length != 1) wrong.push('headings do not begin with the only h1: ' + levels);
  levels.forEach((l, i) => { if (i && l > levels[i - 1] + 1) wrong.push('after h' + levels[i - 1] + ' stands h' + l); });

  for (const q of ['body > header', 'main', 'body > footer'])
    if (all(q).length != 1) wrong.push(all(q).length + ' of ' + q);
  const names = all('nav').map(n => n.getAttribute('aria-label') || '');
  if (names.includes('') || new Set(names).size != names.length) wrong.push('names of nav elements: ' + names);

  const controls = all('a[href], button, input, summary, [tabindex]').filter(e => e.tabIndex >= 0 && seen(e));
  if (all('[tabindex]').some(e => e.tabIndex > 0)) wrong.push('an order of its own');
  const skip = document.querySelector('a[href]');
  if (!skip || !document.querySelector(skip.getAttribute('href')).matches('main[tabindex]')) wrong.push('no link skips to main');
  const head = controls.filter(e => e.closest('header') && !e.closest('details > div'));
  const rtl = document.dir == 'rtl' ? -1 : 1;
  head.forEach((e, i) => {
    if (!i) return;
    const a = head[i - 1].getBoundingClientRect(), b = e.getBoundingClientRect();
    const sameRow = b.top < a.bottom - 2 && a.top < b.bottom - 2;
    if (sameRow ? (b.left - a.left) * rtl < 0 : b.bottom <= a.top) wrong.push('focus goes back from ' + start(head[i - 1]) + ' to ' + start(e));
  });
  for (const e of controls) {
    const b = e.getBoundingClientRect(), inText = getComputedStyle(e).display == 'inline' && own(e.parentElement);
    if (!inText && (b.width < 24 || b.height < 24)) wrong.push('target of ' + b.width.toFixed(1) + ' × ' + b.height.toFixed(1) + ': ' + start(e));
  }

  const parse = c => (c.match(/[\d.]+/g) || []).map(Number);
  const lum = c => c.slice(0, 3).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);
  const paper = e => {
    for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length == 3 || c[3] == 1) return c; }
    return [255, 255, 255];
  };
  const told = new Set();
  for (const e of all('body *')) {
    if (!own(e) && e.localName != 'input' || !seen(e)) continue;
    const s = getComputedStyle(e), [x, y] = [lum(parse(s.color)), lum(paper(e))].sort((a, b) => b - a);
    const large = parseFloat(s.fontSize) >= 24 || parseFloat(s.fontSize) >= 18.66 && s.fontWeight >= 700;
    const ratio = (x + .05) / (y + .05), what = s.color + ' on ' + paper(e);
    if (ratio < (large ? 3 : 4.5) && !told.has(what)) { told.add(what); wrong.push('contrast ' + ratio.toFixed(2) + ', ' + what + ': ' + start(e)); }
  }

  for (const i of all('img'))
    if (!(i.hasAttribute('width') && i.hasAttribute('height')) && getComputedStyle(i).aspectRatio == 'auto') wrong.push('a picture moves the page: ' + start(i));
  const host = location.host;
  for (const r of performance.getEntriesByType('resource'))
    if (!foreign && /^https?:/.test(r.name) && new URL(r.name).host != host) wrong.push('a request to ' + r.name);
  return wrong;
})
