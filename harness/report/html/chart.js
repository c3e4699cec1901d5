// Charts: drawn where they come into view, with a legend that switches series, and values under the pointer.
const LEGEND_FINDS = 12;
const DIRECT = 6;

class FigureOfRun {
  constructor(box) {
    this.box = box;
    this.data = JSON.parse(box.querySelector('script').textContent);
    const { n: names, on } = this.data;
    this.view = this.data.v[0];
    this.on = new Set(names.map((_, index) => index).slice(0, on));
    const marks = this.data.v.flatMap(view => view.s.flatMap(series => series.m.map(mark => mark.k)));
    this.switches = { band: marks.includes('band'), seed: false };
    this.plot = element('div', { class: 'plot' });
    this.tip = element('div', { class: 'tip', role: 'status' });
    const tools = element('div', { class: 'tools' });
    if (this.data.v.length > 1) tools.append(this.chooser());
    for (const [kind, name] of [['band', 'bands'], ['seed', 'seeds']]) {
      if (marks.includes(kind)) tools.append(this.toggle(kind, name));
    }
    box.querySelector('figcaption').after(...tools.childNodes.length ? [tools] : [], this.plot);
    if (names.filter(Boolean).length > 1) this.plot.after(this.legend(names));
    box.append(this.values());
    let width = 0;
    new ResizeObserver(() => {
      if (this.plot.clientWidth !== width) { width = this.plot.clientWidth; this.draw() }
    }).observe(this.plot);
    this.draw();
  }

  chooser() {
    const group = element('span', { role: 'group', 'aria-label': 'what is drawn' });
    const buttons = this.data.v.map(view => element('button', {
      type: 'button', 'aria-pressed': view === this.view,
      onclick: event => {
        this.view = view;
        buttons.forEach(button => button.setAttribute('aria-pressed', button === event.target));
        this.draw();
      },
    }, view.n));
    buttons.forEach(button => group.append(button, ' '));
    return group;
  }

  toggle(kind, name) {
    const input = element('input', { type: 'checkbox', onchange: () => { this.switches[kind] = input.checked; this.draw() } });
    input.checked = this.switches[kind];
    return element('label', {}, input, ` ${name}`);
  }

  legend(names) {
    const all = element('div', { class: 'legend', role: 'group', 'aria-label': 'series' });
    const look = index => this.data.v.flatMap(view => view.s).find(series => series.i === index) ?? { c: 0 };
    const buttons = names.map((name, index) => {
      const { c, p } = look(index);
      const key = shape('svg', { 'aria-hidden': 'true', viewBox: '0 0 22 10', style: `--c:var(--c${c})` });
      key.append(shape('line', { x1: 0, x2: 22, y1: 5, y2: 5, 'stroke-dasharray': DASHES[p ?? 0] }));
      return element('button', {
        type: 'button', 'aria-pressed': this.on.has(index),
        onclick: () => { this.on[this.on.has(index) ? 'delete' : 'add'](index); press() },
        onpointerenter: () => this.light(index), onpointerleave: () => this.light(),
        onfocus: () => this.light(index), onblur: () => this.light(),
      }, key, name);
    });
    const press = () => {
      buttons.forEach((button, index) => button.setAttribute('aria-pressed', this.on.has(index)));
      this.draw();
    };
    all.append(...buttons);
    if (names.length < 3) return all;
    const set = (name, which) => element('button', { type: 'button', onclick: () => { this.on = new Set(which()); press() } }, name);
    const indices = names.map((_, index) => index);
    const tools = element('div', { class: 'tools' }, set('all', () => indices), set('none', () => []));
    if (names.length > LEGEND_FINDS) {
      const find = event => buttons.forEach((button, index) => {
        button.hidden = !names[index].toLowerCase().includes(event.target.value.toLowerCase());
      });
      tools.prepend(element('input', { type: 'search', placeholder: 'find a series', 'aria-label': 'find a series', oninput: find }));
      tools.append(`${names.length.toLocaleString('en-US')} series`);
    }
    return element('div', {}, tools, all);
  }

  light(index) {
    this.plot.classList.toggle('lit', index !== undefined && this.on.has(index));
    this.plot.querySelectorAll('g[data-s]').forEach(group => group.classList.toggle('lit', group.dataset.s === String(index)));
  }

  isDrawn(mark) {
    return this.switches[mark.k] ?? true;
  }

  draw() {
    const { view } = this;
    const width = Math.max(260, this.plot.clientWidth);
    const isCategories = view.y.s === 'cat';
    const height = isCategories ? view.y.c.length * 24 + 56 : Math.round(Math.min(420, Math.max(260, width * 0.5)));
    const series = view.s.filter(one => this.on.has(one.i));
    const drawn = series.map(one => [one, one.m.filter(mark => this.isDrawn(mark))]);
    const all = drawn.flatMap(([, marks]) => marks.flatMap(mark => extent(mark, pointsOf(mark, view))));
    const ends = this.ends(drawn, width);
    const right = ends.length ? Math.min(190, 16 + 7.4 * Math.max(...ends.map(([name]) => name.length))) : 26;
    const frame = { top: isCategories ? 6 : 24, bottom: height - 42, left: 0, right: width - right };
    const y = isCategories ? fit(view.y, [], frame.top, frame.bottom, 1)
      : fit(view.y, all.map(point => point[1]), frame.bottom, frame.top, 42);
    const longest = isCategories ? Math.min(width * 0.36, 30 * 6.8) : 200;
    frame.left = Math.min(longest, 12 + 6.8 * Math.max(2, ...y.ticks.map(tick => tick.label.length)));
    const x = fit(view.x, all.map(point => point[0]), frame.left, frame.right, view.x.s === 'time' ? 96 : 62);
    const svg = shape('svg', { viewBox: `0 0 ${width} ${height}`, height, tabindex: 0, role: 'img', 'aria-label': this.label() });
    this.axes(svg, x, y, frame, width, height);
    const clip = shape('svg', { x: 0, y: 0, width, height, viewBox: `0 0 ${width} ${height}` });
    this.hits = [];
    const order = ['rule', 'zone', 'band', 'bar', 'box', 'seed', 'line', 'steps', 'points', 'change'];
    for (const [one, marks] of drawn) {
      const group = shape('g', { 'data-s': one.i, style: `--c:var(--c${one.c})` });
      const name = this.data.n[one.i];
      for (const mark of [...marks].sort((a, b) => order.indexOf(a.k) - order.indexOf(b.k))) {
        const hits = drawMark(group, mark, view, one, { x, y, frame });
        this.hits.push(...hits.map(hit => ({ ...hit, said: name ? `${name}\n${hit.said}` : hit.said })));
      }
      clip.append(group);
    }
    svg.append(clip);
    this.direct(svg, ends, x, y, frame);
    this.pointNames(svg, drawn, x, y, frame);
    this.aim = shape('circle', { class: 'aim', r: 7, visibility: 'hidden' });
    svg.append(this.aim);
    this.listen(svg);
    this.tip.textContent = '';
    this.plot.replaceChildren(svg, this.tip);
  }

  label() {
    const { n: name, x, y } = this.view;
    return `${this.data.t}${name ? `, ${name}` : ''}: ${y.l || 'cases'} against ${x.l}. Arrow keys go from value to value.`;
  }

  axes(svg, x, y, frame, width, height) {
    const { view } = this;
    for (const tick of y.ticks) {
      svg.append(shape('path', { class: 'grid', d: `M${frame.left} ${tick.at.toFixed(1)}H${frame.right}` }));
      const most = Math.floor((frame.left - 8) / 6.6);
      const cut = tick.label.length > most ? `${tick.label.slice(0, most - 1)}…` : tick.label;
      svg.append(shape('text', { x: frame.left - 8, y: tick.at + 4, 'text-anchor': 'end' }, cut));
    }
    for (const tick of x.ticks) {
      svg.append(shape('path', { class: 'grid', d: `M${tick.at.toFixed(1)} ${frame.top}V${frame.bottom}` }));
      svg.append(shape('text', { x: tick.at, y: frame.bottom + 16, 'text-anchor': 'middle' }, tick.label));
    }
    svg.append(shape('path', { class: 'axis', d: `M${frame.left} ${frame.bottom}H${frame.right}` }));
    svg.append(shape('text', { x: (frame.left + frame.right) / 2, y: height - 6, 'text-anchor': 'middle' }, view.x.l));
    if (view.y.l) svg.append(shape('text', { x: 2, y: 12 }, view.y.l));
  }

  /** The ends of lines, which have their names beside them where there are few and there is room. */
  ends(drawn, width) {
    const lined = drawn.filter(([one, marks]) => this.data.n[one.i] && marks.some(mark => mark.k === 'line'));
    if (width < 620 || lined.length < 2 || lined.length > DIRECT) return [];
    return lined.flatMap(([one, marks]) => {
      const points = marks.filter(mark => mark.k === 'line').flatMap(mark => pointsOf(mark, this.view)).filter(point => point[1] !== null);
      const last = points.reduce((last, point) => !last || point[0] >= last[0] ? point : last, null);
      return last ? [[this.data.n[one.i], last, one.c]] : [];
    });
  }

  direct(svg, ends, x, y, frame) {
    const placed = ends.map(([name, [, value], colour]) => ({ name, colour, py: y.at(value) })).sort((a, b) => a.py - b.py);
    placed.forEach((one, index) => { if (index) one.py = Math.max(one.py, placed[index - 1].py + 14) });
    const over = placed.length ? Math.max(0, placed[placed.length - 1].py - frame.bottom) : 0;
    for (const { name, colour, py } of placed) {
      const cut = name.length > 24 ? `${name.slice(0, 23)}…` : name;
      svg.append(shape('text', { class: 'direct', x: frame.right + 8, y: py - over + 4, style: `fill:var(--c${colour})` }, cut));
    }
  }

  /** Names beside points of few cases, where none covers another. */
  pointNames(svg, drawn, x, y, frame) {
    if (this.view.y.s === 'cat' || this.view.x.s === 'time') return;
    const taken = [];
    const named = drawn.flatMap(([, marks]) => marks.filter(mark => mark.k === 'points' && mark.l)
      .flatMap(mark => pointsOf(mark, this.view).map((point, index) => [point, mark.l[index]])));
    const dots = named.map(([[a, b]]) => [x.at(a), y.at(b)]);
    for (const [[a, b], name] of named.length > 60 ? [] : named) {
      const wide = 6.7 * name.length;
      const [px, py] = [x.at(a), y.at(b)];
      const spots = [[px + 7, py + 4], [px - 7 - wide, py + 4], [px - wide / 2, py - 8], [px - wide / 2, py + 17]];
      const free = spots.find(([left, base]) => left >= frame.left && left + wide <= frame.right + 10 && base > 22
        && !taken.some(([l, t, r, d]) => left < r && left + wide > l && base - 11 < d && base + 2 > t)
        && !dots.some(([u, v]) => u > left - 4 && u < left + wide + 4 && v > base - 14 && v < base + 5));
      if (!free) continue;
      taken.push([free[0], free[1] - 11, free[0] + wide, free[1] + 2]);
      svg.append(shape('text', { x: free[0], y: free[1] }, name));
    }
  }

  listen(svg) {
    const near = event => {
      const box = svg.getBoundingClientRect();
      const factor = svg.viewBox.baseVal.width / box.width;
      const [px, py] = [(event.clientX - box.left) * factor, (event.clientY - box.top) * factor];
      let best = null;
      let least = 48 ** 2;
      this.hits.forEach((hit, index) => {
        const distance = (hit.px - px) ** 2 + (hit.py - py) ** 2;
        if (distance < least) [best, least] = [index, distance];
      });
      this.show(best);
    };
    svg.addEventListener('pointermove', near);
    svg.addEventListener('pointerdown', near);
    svg.addEventListener('pointerleave', () => this.show(null));
    svg.addEventListener('blur', () => this.show(null));
    svg.addEventListener('keydown', event => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === 'Escape') this.show(null);
      if (!step || !this.hits.length) return;
      event.preventDefault();
      const from = this.shown ?? (step > 0 ? -1 : 0);
      this.show((from + step + this.hits.length) % this.hits.length);
    });
  }

  show(index) {
    this.shown = index;
    const hit = index === null ? null : this.hits[index];
    this.tip.textContent = hit ? hit.said : '';
    this.aim.setAttribute('visibility', hit ? 'visible' : 'hidden');
    if (!hit) return;
    this.aim.setAttribute('cx', hit.px);
    this.aim.setAttribute('cy', hit.py);
    const { width, height } = this.tip.getBoundingClientRect();
    const left = hit.px + 14 + width > this.plot.clientWidth ? hit.px - 14 - width : hit.px + 14;
    this.tip.style.left = `${Math.max(0, left)}px`;
    this.tip.style.top = `${Math.max(0, hit.py - height - 10)}px`;
  }

  /** The values of what is drawn, as text for who cannot see the chart. */
  values() {
    const most = 2000;
    const fill = event => {
      if (!event.target.open) return;
      const said = this.hits.slice(0, most).map(hit => element('li', {}, hit.said.replaceAll('\n', ', ')));
      const more = this.hits.length > most ? [element('p', {}, `${most} of ${this.hits.length}`)] : [];
      event.target.replaceChildren(event.target.querySelector('summary'), element('ul', { class: 'notes' }, ...said), ...more);
    };
    return element('details', { class: 'values', ontoggle: fill }, element('summary', {}, 'values'));
  }
}

const waiting = new Map();
const observer = new IntersectionObserver(entries => entries.forEach(entry => {
  if (entry.isIntersecting) build(entry.target);
}), { rootMargin: '400px' });
const build = box => {
  if (!waiting.delete(box)) return;
  observer.unobserve(box);
  box.style.minHeight = '';
  new FigureOfRun(box);
};
for (const box of document.querySelectorAll('.chart')) {
  waiting.set(box, true);
  // So that the place of what follows hardly changes when it is drawn.
  box.style.minHeight = '24rem';
  observer.observe(box);
}
beforePrint.push(() => [...waiting.keys()].forEach(build));
