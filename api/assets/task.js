// A form of a task: it is kept while one types, and only the questions are renewed. At a meeting it comes and goes while the
// page stays: the families on the agenda are one part of the page, with the form of one of them in it.
import { ask } from './contact.js';

let form = document.getElementById('formulier');
const typed = () => (form ? new URLSearchParams(new FormData(form)).toString() : '');
const isAbout = (event, id) => event.detail.ctx?.target?.id === id;
const isAboutQuestions = (event) => form && isAbout(event, 'velden');
const isAboutFamilies = (event) => event.detail.ctx?.sourceElement?.getAttribute('hx-target') === '#gezinnen';

// What was typed while the server worked out which questions apply must not be put back: then ask again.
let asked = '';
let goTo = null; // a row that is added or removed; the button itself is gone after the swap
let behind = false; // the questions do not fit the answers, because the server did not answer
const renew = () => form.querySelector('.steers')?.dispatchEvent(new Event('change', { bubbles: true }));
document.addEventListener('htmx:before:request', (event) => {
  if (!isAboutQuestions(event) && !isAboutFamilies(event)) return;
  asked = typed();
  goTo = event.detail.ctx.sourceElement.dataset.focus;
});
document.addEventListener('htmx:before:swap', (event) => {
  const { response, sourceElement } = event.detail.ctx ?? {};
  if (form && response?.status >= 400 && !response.headers.get('HX-Retarget')) {
    event.preventDefault(); // of something between us and the server: never in place of what was typed
    away();
  } else if (!form && isAboutFamilies(event) && response?.status >= 400) {
    event.preventDefault(); // nothing is typed here: the page says what is wrong, or asks to log in
    location.assign(sourceElement.href);
  } else if (response?.status < 400 && (isAboutQuestions(event) || (form && isAboutFamilies(event))) && typed() !== asked) {
    event.preventDefault();
    if (sourceElement.matches('button')) sourceElement.click();
    else renew();
  }
});
document.addEventListener('htmx:error', (event) => {
  if (!form && isAboutFamilies(event)) location.assign(event.detail.ctx.sourceElement.href);
  if (!form || sent) return;
  behind = true;
  away();
});

// A row that was added is where one wants to type; a comment that was placed is said where it stands.
document.addEventListener('htmx:after:swap', (event) => {
  if (isAbout(event, 'gezinnen')) {
    const families = document.getElementById('gezinnen');
    begin();
    history.replaceState(history.state, '', families.dataset.address);
    document.getElementById(families.dataset.focus)?.focus();
    return;
  }
  if (!form) return;
  if (document.querySelector('#bewaard[data-stop]')) stopped = true;
  if (isAbout(event, 'opmerkingen')) {
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
let saved = typed();
let busy = false;
let stopped = false; // typed elsewhere since: nothing is written over until somebody chose
let failures = 0;
let sent = false; // a form that was sent is not kept as a draft any more: that would come after its task was done
let under = null; // what is being asked now

const begin = () => {
  clearTimeout(timer);
  under?.abort();
  form = document.getElementById('formulier');
  [timer, since, failures, saved, stopped, sent, behind] = [0, 0, 0, typed(), false, false, false];
};

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
  if (!form?.dataset.draft || busy || stopped || sent) return;
  const [mine, body] = [form, typed()];
  if (body === saved && !failures) return;
  busy = true;
  since = 0;
  under = new AbortController();
  try {
    const answer = await ask(form.dataset.draft, {
      method: 'POST',
      headers: { 'HX-Request': 'true', 'Content-Type': 'application/x-www-form-urlencoded' },
      body,
      keepalive: document.visibilityState === 'hidden' && body.length < 60_000, // who goes away does not cut it off
      signal: AbortSignal.any([under.signal, AbortSignal.timeout(15_000)]),
    });
    const line = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('bewaard');
    if (mine !== form) return;
    if (!line || answer.status >= 500) throw new Error(`answer ${answer.status}`);
    show(document.adoptNode(line));
    stopped = 'stop' in line.dataset;
    failures = 0;
    if (answer.ok) saved = body;
    if (answer.ok && behind) renew();
    behind = behind && !answer.ok;
  } catch {
    if (!sent && mine === form) away();
  } finally {
    busy = false;
    if (!sent && !failures && !stopped && typed() !== body) later();
  }
};

if (form?.dataset.draft || document.getElementById('gezinnen')) {
  const ours = ({ target }) => form && target.form === form;
  document.addEventListener('input', (event) => ours(event) && later());
  document.addEventListener('change', (event) => ours(event) && later());
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && save());
  window.addEventListener('online', () => failures && save());
  document.addEventListener('submit', (event) => {
    if (!form || event.target !== form || event.defaultPrevented) return;
    sent = true;
    clearTimeout(timer);
    under?.abort();
    form.querySelectorAll('[hx-post]').forEach((one) => one.dispatchEvent(new Event('htmx:abort')));
  });
  window.addEventListener('pageshow', () => { sent = false; });
  document.addEventListener('htmx:before:request', (event) => {
    if (sent && form?.contains(event.detail.ctx?.sourceElement)) event.preventDefault();
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
