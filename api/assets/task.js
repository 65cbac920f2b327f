// A form of a task: it is kept while one types, and only the questions are renewed.
import { ask } from './contact.js';

const form = document.getElementById('formulier');
const typed = () => new URLSearchParams(new FormData(form)).toString();
const isAboutQuestions = (event) => form && event.detail.ctx?.target?.id === 'velden';

// What was typed while the server worked out which questions apply must not be put back: then ask again.
let asked = '';
let goTo = null; // a row that is added or removed; the button itself is gone after the swap
let behind = false; // the questions do not fit the answers, because the server did not answer
const renew = () => form.querySelector('.steers')?.dispatchEvent(new Event('change', { bubbles: true }));
document.addEventListener('htmx:before:request', (event) => {
  if (!isAboutQuestions(event)) return;
  asked = typed();
  goTo = event.detail.ctx.sourceElement.dataset.focus;
});
document.addEventListener('htmx:before:swap', (event) => {
  const { response, sourceElement } = event.detail.ctx ?? {};
  if (form && response?.status >= 400 && !response.headers.get('HX-Retarget')) {
    event.preventDefault(); // of something between us and the server: never in place of what was typed
    away();
  } else if (isAboutQuestions(event) && typed() !== asked) {
    event.preventDefault();
    if (sourceElement.matches('button')) sourceElement.click();
    else renew();
  }
});
document.addEventListener('htmx:error', () => {
  if (!form || sent) return;
  behind = true;
  away();
});

// A row that was added is where one wants to type; a comment that was placed is said where it stands.
document.addEventListener('htmx:after:swap', (event) => {
  if (!form) return;
  if (event.detail.ctx?.target?.id === 'opmerkingen') {
    const place = document.querySelector('#opmerkingen [aria-invalid]') ?? document.getElementById('opmerkingen-kop');
    place?.focus();
    later();
  }
  const place = isAboutQuestions(event) && document.getElementById(goTo);
  if (!place) return;
  const isRow = place.classList.contains('steun-listitem');
  ((isRow && place.querySelector('input:not([type=hidden]), select, textarea')) || place).focus();
});

// Kept a moment after the last letter, and at least every ten seconds of typing on; at once when the page goes out of sight.
const PAUSE = 1200;
const LONGEST = 10_000;
let timer = 0;
let since = 0; // when the oldest letter was typed that is not kept
let saved = form ? typed() : '';
let busy = false;
let stopped = false; // typed elsewhere since: nothing is written over until somebody chose
let failures = 0;
let sent = false; // a form that was sent is not kept as a draft any more: that would come after its task was done
let under = null; // what is being asked now

const show = (line) => {
  const was = document.getElementById('bewaard');
  const failed = (one) => one.classList.contains('steun-saved--failed');
  if (failed(line) && failed(was) && line.textContent === was.textContent) return; // said already
  if (failed(was) && !failed(line)) line.setAttribute('role', 'alert'); // that it is well again is said as well
  was.replaceWith(line);
};
const away = () => {
  failures += 1;
  show(document.getElementById('server-weg').content.firstElementChild.cloneNode(true));
  clearTimeout(timer);
  timer = setTimeout(save, Math.min(1000 * 2 ** failures, 30_000));
};
const later = () => {
  if (stopped || failures || sent) return;
  since ||= Date.now();
  clearTimeout(timer);
  timer = setTimeout(save, Math.max(0, Math.min(PAUSE, since + LONGEST - Date.now())));
};
const save = async () => {
  if (busy || stopped || sent) return;
  const body = typed();
  if (body === saved && !failures) return;
  busy = true;
  since = 0;
  under = new AbortController();
  try {
    const answer = await ask(form.dataset.draft, {
      method: 'POST',
      headers: { 'HX-Request': 'true', 'Content-Type': 'application/x-www-form-urlencoded' },
      body,
      signal: AbortSignal.any([under.signal, AbortSignal.timeout(15_000)]),
    });
    const line = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('bewaard');
    if (!line || answer.status >= 500) throw new Error(`answer ${answer.status}`);
    show(document.adoptNode(line));
    stopped = 'stop' in line.dataset;
    failures = 0;
    if (answer.ok) saved = body;
    if (answer.ok && behind) renew();
    behind = behind && !answer.ok;
  } catch {
    if (!sent) away();
  } finally {
    busy = false;
    if (!sent && !failures && !stopped && typed() !== body) later();
  }
};

if (form?.dataset.draft) {
  const ours = ({ target }) => target.form === form;
  document.addEventListener('input', (event) => ours(event) && later());
  document.addEventListener('change', (event) => ours(event) && later());
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && save());
  window.addEventListener('online', () => failures && save());
  document.addEventListener('submit', (event) => {
    if (event.target !== form || event.defaultPrevented) return;
    sent = true;
    clearTimeout(timer);
    under?.abort();
    form.querySelectorAll('[hx-post]').forEach((one) => one.dispatchEvent(new Event('htmx:abort')));
  });
  window.addEventListener('pageshow', () => { sent = false; });
  document.addEventListener('htmx:before:request', (event) => {
    if (sent && form.contains(event.detail.ctx?.sourceElement)) event.preventDefault();
  });
}

// How much more fits: told when there is little left, because nothing is cut off.
document.addEventListener('input', ({ target }) => {
  const most = Number(target.dataset?.most);
  if (!most) return;
  const left = most - target.value.length;
  const id = `${target.id}-over`;
  let line = document.getElementById(id);
  if (left > most / 5) return void line?.remove();
  if (!line) {
    line = document.getElementById('nog-over').content.firstElementChild.cloneNode(true);
    line.id = id;
    target.after(line);
  }
  line.classList.toggle('steun-letters--over', left < 0);
  line.textContent = line.dataset[left < 0 ? 'over' : 'left'].replace('#', Math.abs(left));
});
