// Makes pages quicker, never possible: everything here also works with plain forms and links.
import 'htmx.org';
import './session.js';
import './task.js';
import './busy.js';
import './keys.js';
import './case.js';
import './work.js';

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
