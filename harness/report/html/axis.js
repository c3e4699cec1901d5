// Axes: from values to pixels, and where ticks stand.
const DAY = 864e5;

const format = value => {
  const size = Math.abs(value);
  if (size >= 1e15 || (size > 0 && size < 1e-4)) return value.toExponential(2);
  return size >= 1000 ? value.toLocaleString('en-US', { maximumFractionDigits: 0 }) : String(Number(value.toPrecision(5)));
};
const formatOn = (axis, value) => {
  if (axis.s === 'time') return new Date(value).toISOString().slice(0, 16).replace('T', ' ');
  return axis.s === 'cat' ? axis.c[value] : format(value);
};

const steps = (low, high, most, least = 0) => {
  const rough = Math.max(least, (high - low) / Math.max(1, most));
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(factor => factor * power).find(step => step >= rough * 0.999);
  const ticks = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high * (1 + 1e-12) + step * 1e-9; at += 1) ticks.push(at * step);
  return ticks.map(tick => Number(tick.toPrecision(12)));
};
const logSteps = (low, high, most) => {
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
    for (const factor of [1, 2, 5]) ticks.push(Number((factor * 10 ** power).toPrecision(6)));
  }
  const inside = ticks.filter(tick => tick >= low * 0.999 && tick <= high * 1.001);
  if (inside.length < 2) return steps(low, high, Math.min(most, 4)).filter(tick => tick > 0);
  const decades = inside.filter(tick => Math.log10(tick) % 1 === 0);
  const some = inside.length > most && decades.length > 1 ? decades : inside;
  return some.filter((_, index) => index % Math.ceil(some.length / most) === 0);
};
const timeSteps = (low, high, most) => {
  const step = [1, 2, 7, 14, 30, 91, 182, 365, 730].find(days => (high - low) / (days * DAY) <= most) ?? 3650;
  const ticks = [];
  for (let at = Math.ceil(low / DAY) * DAY; at <= high; at += step * DAY) ticks.push(at);
  return ticks;
};

/** Fits an axis to values, between two pixels. `room` is what a tick takes, in pixels. */
const fit = (axis, values, from, to, room) => {
  const isLog = axis.s === 'log';
  const most = Math.max(2, Math.floor(Math.abs(to - from) / room));
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value === null || !Number.isFinite(value) || (isLog && value <= 0)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (axis.s === 'cat') [low, high] = [-0.5, axis.c.length - 0.5];
  else if (axis.r) [low, high] = axis.r;
  else if (low > high) [low, high] = isLog ? [1, 10] : [0, 1];
  else if (axis.s === 'time') [low, high] = [low - DAY / 2, high + DAY / 2];
  else if (isLog) {
    const factor = high > low ? (high / low) ** 0.05 : 1.3;
    [low, high] = [low / factor, high * factor];
  } else {
    const pad = high > low ? 0.04 * (high - low) : Math.abs(low) * 0.1 || 1;
    [low, high] = [low - pad, high + pad];
  }
  const place = isLog ? Math.log : value => value;
  const slope = (to - from) / (place(high) - place(low));
  const at = value => from + (place(value) - place(low)) * slope;
  let ticks;
  if (axis.s === 'cat') ticks = axis.c.map((_, index) => index);
  else if (axis.s === 'time') ticks = timeSteps(low, high, most);
  else if (axis.k) {
    const inside = axis.k.filter(tick => tick >= low && tick <= high);
    ticks = [];
    for (const tick of inside) {
      if (!ticks.length || Math.abs(at(tick) - at(ticks[ticks.length - 1])) >= room * 0.7) ticks.push(tick);
    }
  } else ticks = isLog ? logSteps(low, high, most) : steps(low, high, most, axis.s === 'whole' ? 1 : 0);
  const label = tick => axis.s === 'time' ? new Date(tick).toISOString().slice(0, 10) : formatOn(axis, tick);
  return { at, ticks: ticks.map(tick => ({ at: at(tick), label: label(tick) })), low, high };
};
