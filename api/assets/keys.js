// Single keys, for who wants them: what has a data-shortcut can be reached by it, and "?" shows them. Nothing happens while
// somebody types, or with a key that a browser or a screen reader uses together with these.
const page = document.body.dataset.shortcuts;
const PATIENCE = 1500;
let begun = '';
let began = 0;

const reachable = () => {
  const found = new Map();
  for (const one of document.querySelectorAll('[data-shortcut]')) {
    if (!found.has(one.dataset.shortcut) && one.checkVisibility()) found.set(one.dataset.shortcut, one);
  }
  return found;
};
const named = (one) => (one.getAttribute('aria-label') ?? one.labels?.[0]?.textContent ?? one.textContent).trim();
const typing = (one) => one.isContentEditable || one.matches('input:not([type=checkbox], [type=radio]), select, textarea');
const add = (to, tag, text, more = {}) => {
  const made = Object.assign(document.createElement(tag), more);
  if (text) made.textContent = text;
  to.append(made);
  return made;
};

function show() {
  const dialog = add(document.body, 'dialog', '', { className: 'steun-dialog' });
  dialog.setAttribute('aria-labelledby', 'toetsen-kop');
  add(dialog, 'h2', 'Sneltoetsen', { id: 'toetsen-kop', className: 'nl-heading nl-heading--level-3' });
  const list = add(dialog, 'dl', '', { className: 'steun-keys' });
  for (const [keys, one] of [...reachable(), ['?', null]]) {
    const row = add(list, 'div');
    const term = add(row, 'dt');
    keys.split(' ').forEach((key) => add(term, 'kbd', key));
    add(row, 'dd', one ? named(one) : 'Deze lijst');
  }
  const actions = add(dialog, 'div', '', { className: 'steun-actions' });
  const close = add(actions, 'button', '', { type: 'button', className: 'nl-button nl-button--secondary', autofocus: true });
  add(close, 'span', 'Sluit', { className: 'nl-button__label' });
  close.addEventListener('click', () => dialog.close());
  add(actions, 'a', 'Sneltoetsen uitzetten', { href: page, className: 'nl-link' });
  dialog.addEventListener('close', () => dialog.remove());
  dialog.showModal();
}

if (page) {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (typing(event.target) || document.querySelector('dialog[open]') || event.key.length > 1) return;
    if (event.key === '?') {
      event.preventDefault();
      show();
      return;
    }
    const all = reachable();
    const pair = event.timeStamp - began < PATIENCE ? `${begun} ${event.key}` : '';
    const found = all.get(pair) ?? all.get(event.key);
    begun = event.key;
    began = event.timeStamp;
    if (!found) return;
    event.preventDefault();
    begun = '';
    if (typing(found)) found.focus();
    else found.click();
  });
}
