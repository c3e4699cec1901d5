// Marks: what a series draws, and what is said of each of its points.
const SVG = 'http://www.w3.org/2000/svg';
const DASHES = ['', '7 4', '2 3'];
const shape = (name, attributes, text) => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
};

/** The points of a mark: each its numbers, with the shared x before them where it has none. */
const pointsOf = (mark, view) => {
  const width = { line: 2, steps: 2, points: 2, seed: 2, change: 2, band: 3, box: 4, bar: 4, rule: 1, zone: 2 }[mark.k];
  const own = mark.e ? width - 1 : width;
  const points = [];
  for (let at = 0; at < mark.d.length; at += own) {
    const numbers = mark.d.slice(at, at + own);
    points.push(mark.e ? [view.xs[at / own], ...numbers] : numbers);
  }
  return points;
};

/** Every x and y that the axes must show. */
const extent = (mark, points) => {
  switch (mark.k) {
    case 'band': return points.flatMap(([x, low, high]) => [[x, low], [x, high]]);
    case 'box': case 'bar': return points.flatMap(([y, ...values]) => values.map(value => [value, y]));
    case 'rule': return points.map(([x]) => [x, null]);
    case 'zone': return points.flat().map(x => [x, null]);
    default: return points;
  }
};

const path = (points, x, y) => {
  let text = '';
  let pen = 'M';
  for (const [a, b] of points) {
    const px = a === null ? NaN : x(a);
    const py = b === null ? NaN : y(b);
    if (!Number.isFinite(px) || !Number.isFinite(py)) { pen = 'M'; continue }
    text += `${pen}${px.toFixed(1)} ${py.toFixed(1)}`;
    pen = 'L';
  }
  return text;
};
const bandPath = (points, x, y) => {
  const runs = [[]];
  for (const point of points) {
    if (point.includes(null)) runs.push([]);
    else runs[runs.length - 1].push(point);
  }
  const closed = run => `${path(run.map(([a, , high]) => [a, high]), x, y)}${
    path(run.map(([a, low]) => [a, low]).reverse(), x, y).replace('M', 'L')}Z`;
  return runs.filter(run => run.length).map(closed).join('');
};

/** Draws a mark into a group. Returns what can be pointed at: pixels, and what is said there. */
const drawMark = (group, mark, view, series, scales) => {
  const { x, y, frame } = scales;
  const points = pointsOf(mark, view);
  const hits = [];
  const xName = view.x.l || view.y.l;
  const hit = (a, b, said) => {
    const px = x.at(a);
    const py = y.at(b);
    if (Number.isFinite(px) && Number.isFinite(py) && px >= frame.left - 1 && px <= frame.right + 1) hits.push({ px, py, said });
  };
  const at = (axis, value) => `${axis.l ? `${axis.l}: ` : ''}${formatOn(axis, value)}`;
  const of = ([a, b], label) => [label, at(view.x, a), at(view.y, b)].filter(Boolean).join('\n');
  const stroke = { 'stroke-dasharray': DASHES[series.p ?? 0] };
  switch (mark.k) {
    case 'line': case 'seed': case 'steps': {
      const corners = mark.k === 'steps'
        ? points.flatMap((point, index) => index ? [[point[0], points[index - 1][1]], point] : [point]) : points;
      group.append(shape('path', { class: `mark ${mark.k}`, d: path(corners, x.at, y.at), ...stroke }));
      points.forEach(point => { if (point[1] !== null) hit(...point, of(point, mark.l?.[0])) });
      break;
    }
    case 'band':
      group.append(shape('path', { class: 'band', d: bandPath(points, x.at, y.at) }));
      break;
    case 'points': case 'change':
      points.forEach((point, index) => {
        const label = mark.l?.[index];
        const isChange = mark.k === 'change';
        const kind = isChange ? 'change' : series.p ? 'hollow' : 'point';
        group.append(shape('circle', { class: kind, r: isChange ? 7 : 3.6, cx: x.at(point[0]).toFixed(1), cy: y.at(point[1]).toFixed(1) }));
        const said = view.y.s === 'cat' ? `${view.y.c[point[1]]}\n${label ? `${label}\n` : ''}${xName}: ${format(point[0])}` : of(point, label);
        hit(...point, said);
      });
      break;
    case 'bar': case 'box':
      for (const [place, low, middle, high] of points) {
        const clipped = value => Math.min(frame.right, Math.max(frame.left, x.at(value))).toFixed(1);
        const py = y.at(place);
        const [left, right] = [clipped(low), clipped(high)];
        group.append(shape('path', { class: 'bar', d: `M${left} ${py}H${right}` }));
        group.append(shape('path', { class: 'tick', d: `M${clipped(middle)} ${py - 6}V${py + 6}` }));
        const what = mark.k === 'box' ? 'the middle half' : 'interval';
        hit(middle, place, [view.y.c[place], mark.l?.[0], `${xName}: ${format(middle)}`, `${what}: ${format(low)} to ${format(high)}`]
          .filter(Boolean).join('\n'));
      }
      break;
    case 'rule':
      for (const [value] of points) group.append(shape('path', { class: 'rule', d: `M${x.at(value)} ${frame.top}V${frame.bottom}` }));
      break;
  }
  return hits;
};
