// Makes pages quicker, never possible: everything here also works with plain forms and links.
import 'htmx.org';
import './busy.js';
import './keys.js';
import './case.js';

// A menu closes with Escape and when one goes elsewhere.
document.addEventListener('keydown', (event) => {
  const open = event.key === 'Escape' && document.querySelector('details.steun-me[open]');
  if (!open) return;
  open.open = false;
  open.querySelector('summary').focus();
});
document.addEventListener('click', (event) => {
  const open = document.querySelector('details.steun-me[open]');
  if (open && !open.contains(event.target)) open.open = false;
});

// A drawing that is wider than the screen opens where the case is now.
const show = (drawing) => {
  const hint = drawing.parentElement.querySelector('.steun-wider');
  if (hint) hint.hidden = drawing.scrollWidth <= drawing.clientWidth + 1;
  const live = drawing.querySelector('.is-live');
  if (!live) return;
  const middle = live.getBoundingClientRect().left - drawing.getBoundingClientRect().left - drawing.clientWidth / 2;
  drawing.scrollLeft += middle + live.getBoundingClientRect().width / 2;
};
document.querySelectorAll('.steun-diagram').forEach(show);
document.querySelectorAll('details.steun-fold').forEach((fold) => {
  fold.addEventListener('toggle', () => fold.querySelectorAll('.steun-diagram').forEach(show));
});

// What was typed while the server worked out which questions apply must not be put back: then ask again.
const form = document.getElementById('formulier');
const typed = () => new URLSearchParams(new FormData(form)).toString();
const isAboutQuestions = (event) => form && event.detail.ctx?.target?.id === 'velden';
let asked = '';
let goTo = null; // a row that is added or removed; the button itself is gone after the swap
document.addEventListener('htmx:before:request', (event) => {
  if (!isAboutQuestions(event)) return;
  asked = typed();
  goTo = event.detail.ctx.sourceElement.dataset.focus;
});
document.addEventListener('htmx:before:swap', (event) => {
  if (!isAboutQuestions(event) || typed() === asked) return;
  event.preventDefault();
  const source = event.detail.ctx.sourceElement;
  if (source.matches('button')) source.click();
  else form.querySelector('.steers')?.dispatchEvent(new Event('change', { bubbles: true }));
});

// A form that was sent is not kept as a draft any more: the draft would come after its task was done.
let sent = false;
form?.addEventListener('submit', () => {
  sent = true;
  form.querySelectorAll('[hx-post]').forEach((one) => one.dispatchEvent(new Event('htmx:abort')));
});
window.addEventListener('pageshow', () => { sent = false; });
document.addEventListener('htmx:before:request', (event) => {
  if (sent && form.contains(event.detail.ctx?.sourceElement)) event.preventDefault();
});

// A row that was added is where one wants to type.
document.addEventListener('htmx:after:swap', (event) => {
  const place = isAboutQuestions(event) && document.getElementById(goTo);
  if (!place) return;
  const isRow = place.classList.contains('steun-listitem');
  ((isRow && place.querySelector('input:not([type=hidden]), select, textarea')) || place).focus();
});
