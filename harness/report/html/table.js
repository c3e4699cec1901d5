// Tables sort by a click on a heading, are filtered by words, and show the columns that are chosen.
const FEW_ROWS = 6;

const sortable = box => {
  const table = box.querySelector('table');
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...body.rows];
  const key = (row, column) => {
    const cell = row.cells[column];
    if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
    const text = cell.textContent;
    if (heads[column].dataset.kind === 'text') return text;
    return text === '-' ? NaN : Number(text.replaceAll(',', ''));
  };
  const words = new Intl.Collator('en', { numeric: true });
  const isMissing = value => value === '' || value === '-' || Number.isNaN(value);
  const sort = column => {
    const head = heads[column];
    const first = head.dataset.kind === 'number' ? 'descending' : 'ascending';
    const other = first === 'ascending' ? 'descending' : 'ascending';
    const order = head.getAttribute('aria-sort') === first ? other : first;
    const sign = order === 'ascending' ? 1 : -1;
    heads.forEach(one => one.setAttribute('aria-sort', one === head ? order : 'none'));
    const keyed = rows.map(row => [key(row, column), row]);
    keyed.sort(([a], [b]) => {
      if (isMissing(a) || isMissing(b)) return isMissing(a) - isMissing(b);
      return sign * (typeof a === 'string' ? words.compare(a, b) : a - b);
    });
    body.append(...keyed.map(([, row]) => row));
  };
  heads.forEach((head, column) => {
    const button = element('button', { type: 'button', onclick: () => sort(column) }, ...head.childNodes);
    head.append(button);
    head.setAttribute('aria-sort', 'none');
  });
  return { heads, rows };
};

const filterable = rows => {
  const all = rows.length.toLocaleString('en-US');
  const count = element('span', { role: 'status' }, `${all} rows`);
  let texts;
  const filter = event => {
    const wanted = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    texts ??= rows.map(row => [...row.cells].map(cell => cell.textContent).join(' ').toLowerCase());
    let shown = 0;
    rows.forEach((row, place) => {
      row.hidden = !wanted.every(word => texts[place].includes(word));
      shown += !row.hidden;
    });
    count.textContent = wanted.length ? `${shown.toLocaleString('en-US')} of ${all} rows` : `${all} rows`;
  };
  const input = element('input', { type: 'search', placeholder: 'filter rows', 'aria-label': 'filter rows', oninput: filter });
  return [input, count];
};

const choosable = (box, heads) => {
  const style = box.querySelector('style');
  const numbers = heads.map((head, column) => head.dataset.kind === 'number' && column).filter(column => column !== false);
  const shown = heads.map(head => head.dataset.hidden === undefined);
  const rule = (columns, text) => columns.length
    ? `${columns.map(column => `#${box.id} tr>:nth-child(${column + 1})`).join()}{${text}}` : '';
  const write = () => {
    const hidden = shown.map((is, column) => !is && column).filter(column => column !== false);
    style.textContent = rule(numbers, 'text-align:right') + rule(hidden, 'display:none');
  };
  const item = (head, column) => {
    const input = element('input', { type: 'checkbox', onchange: () => { shown[column] = input.checked; write() } });
    input.checked = shown[column];
    return element('label', {}, input, ` ${head.textContent}`);
  };
  return element('details', { class: 'columns' }, element('summary', {}, 'columns'),
    element('div', { class: 'menu' }, ...heads.map(item)));
};

for (const box of document.querySelectorAll('.table')) {
  const { heads, rows } = sortable(box);
  const tools = element('div', { class: 'tools' });
  if (rows.length > FEW_ROWS) tools.append(...filterable(rows));
  if (heads.length > 5) tools.append(choosable(box, heads));
  if (tools.childNodes.length) box.querySelector('.scroll').before(tools);
}
// A menu of columns closes where something else is clicked, and by Escape.
addEventListener('click', event => document.querySelectorAll('.columns[open]').forEach(menu => {
  if (!menu.contains(event.target)) menu.open = false;
}));
addEventListener('keydown', event => {
  if (event.key === 'Escape') document.querySelectorAll('.columns[open]').forEach(menu => { menu.open = false });
});
