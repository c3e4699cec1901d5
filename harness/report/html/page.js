'use strict';
// The theme, and what printing needs. What a reader chose is kept where the browser allows it.
const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
};

const theme = document.getElementById('theme');
const kept = {
  get: () => { try { return localStorage.getItem('tchbench-theme') } catch { return null } },
  set: value => { try { localStorage.setItem('tchbench-theme', value) } catch { /* It holds for this page alone. */ } },
};
const themes = ['auto', 'light', 'dark'];
const setTheme = name => {
  if (name === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  theme.textContent = `theme: ${name}`;
};
let chosenTheme = themes.includes(kept.get()) ? kept.get() : 'auto';
setTheme(chosenTheme);
theme.hidden = false;
theme.addEventListener('click', () => {
  chosenTheme = themes[(themes.indexOf(chosenTheme) + 1) % themes.length];
  setTheme(chosenTheme);
  kept.set(chosenTheme);
});

const beforePrint = [];
addEventListener('beforeprint', () => {
  document.querySelectorAll('details:not(.tools details, .values)').forEach(details => { details.open = true });
  beforePrint.forEach(prepare => prepare());
});

// A link to something that is closed opens it.
const openTarget = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) target.open = true;
};
addEventListener('hashchange', openTarget);
openTarget();
