// Says in time that one will be logged out, and that the server does not answer, while the text still stands on the page.
import { ask, contact, onContact } from './contact.js';

const WARN = 5 * 60_000;
const notice = document.getElementById('sessie');
const token = () => document.querySelector('input[name=csrf_token]')?.value ?? '';

const part = (name) => notice.querySelector(`[data-say=${name}]`);
let told = '';
const tell = (name) => {
  if (told === name) return;
  told = name;
  notice.hidden = !name;
  for (const one of notice.querySelectorAll('[data-say]')) one.hidden = one.dataset.say !== name;
};
const look = () => {
  const now = Date.now();
  if (now >= Math.min(contact.idle, contact.ends)) tell('over');
  else if (contact.ends - now < WARN) tell('ends');
  else if (contact.idle - now < WARN) tell('idle');
  else tell('');
  if (told === 'idle' || told === 'ends') {
    const at = new Date(told === 'idle' ? contact.idle : contact.ends);
    part(told).querySelector('[data-at]').textContent = at.toLocaleTimeString('nl-NL', { hour: '2-digit', minute: '2-digit' });
  }
};

if (notice) {
  onContact(look);
  setInterval(look, 5000);
  document.addEventListener('visibilitychange', look);
  document.addEventListener('keydown', ({ key }) => key === 'Escape' && told === 'idle' && document.activeElement?.closest('#sessie') && notice.querySelector('button').click());
  notice.querySelector('button').addEventListener('click', async () => {
    try {
      const answer = await ask(notice.dataset.stay, {
        method: 'POST',
        headers: { 'HX-Request': 'true', 'Content-Type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ csrf_token: token() }),
      });
      if (answer.status === 401) contact.idle = 0;
    } catch {
      tell('away');
    }
    look();
  });
  look();
}

// Somebody who logged out and goes back sees no file, whatever the browser kept.
window.addEventListener('pageshow', (event) => event.persisted && window.location.reload());

// A form with text is sent only when the server answers; else the page stays, with the text.
const FRESH = 3000;
const TEXT = 'textarea, input:not([type=hidden], [type=checkbox], [type=radio], [type=submit])';
const holdsText = (form) => [...form.elements].some((one) => one.matches(TEXT) && one.value.trim());
let sending = null;
document.addEventListener('submit', async (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || form.method !== 'post' || form === sending || !holdsText(form)) return;
  if (Date.now() - contact.at < FRESH) return;
  event.preventDefault();
  if (form.dataset.asking) return;
  form.dataset.asking = 'yes';
  try {
    await ask('/health/live', { cache: 'no-store' });
    sending = form;
    form.requestSubmit(submitter);
  } catch {
    document.getElementById('niet-verstuurd')?.remove();
    const said = document.getElementById('server-stil').content.firstElementChild.cloneNode(true);
    (submitter?.closest('.steun-actions, p, div') ?? form.lastElementChild).before(said);
    said.focus();
  } finally {
    sending = null;
    delete form.dataset.asking;
  }
});
