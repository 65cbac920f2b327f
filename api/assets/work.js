// Mijn werk renews itself, but never under somebody's hands: who has chosen tasks, types, or stands on something that went
// away is told that there is news, and the list waits. It asks nothing while the page is hidden or when the session ended,
// and asking is no use of the session: who walks away is logged out all the same.
const EVERY = 30_000;
const list = () => document.getElementById('werk');

if (list()) {
  const region = document.createElement('div');
  region.className = 'steun-news';
  region.setAttribute('role', 'status');
  document.body.append(region);
  let ended = false;
  let told = null; // what was told to who was busy, so that it is not told again

  const say = (text, address) => {
    const line = document.createElement('span');
    line.append(text);
    if (address) {
      const link = document.createElement('a');
      link.href = address;
      link.className = 'nl-link';
      link.textContent = address === location.href ? 'Ververs de lijst' : 'Log in';
      line.append(' ', link);
    }
    region.replaceChildren(line);
    if (!address) setTimeout(() => line.remove(), 8000);
  };
  const tasks = (place) => new Set([...place.querySelectorAll('[data-task]')].map((one) => one.id));
  const inHand = () => {
    const at = document.activeElement;
    return list().contains(at) ? at : null;
  };
  const isBusy = (coming) => {
    const at = inHand();
    if (list().querySelector(':checked') || at?.matches('input:not([type=checkbox]), select, textarea')) return true;
    return Boolean(at && at !== document.body && !(at.id && coming.getElementById(at.id)));
  };

  const look = () => {
    if (!document.hidden && !ended) document.getElementById('werk-kijk')?.dispatchEvent(new Event('kijk'));
  };
  setInterval(look, EVERY);
  document.addEventListener('visibilitychange', look);

  const isOurs = (event) => event.detail.ctx?.sourceElement?.id === 'werk-kijk';
  document.addEventListener('htmx:config:request', (event) => {
    if (isOurs(event)) event.detail.ctx.request.body.set('stand', told ?? list().dataset.stand);
  });
  document.addEventListener('htmx:before:response', (event) => {
    if (!isOurs(event)) return;
    const { status } = event.detail.ctx.response;
    if (status === 200) return;
    event.preventDefault();
    if (status === 204) {
      if (told && !list().querySelector(':checked')) told = null; // free again: the next time it comes in
    } else if (status === 401 || status === 403) {
      ended = true;
      say('U bent uitgelogd.', '/inloggen?next=/werk');
    }
  });
  document.addEventListener('htmx:before:swap', (event) => {
    if (!isOurs(event)) return;
    const coming = new DOMParser().parseFromString(event.detail.ctx.text, 'text/html');
    const known = tasks(list());
    const fresh = [...tasks(coming)].filter((id) => !known.has(id)).length;
    const text = fresh === 1 ? '1 nieuwe taak.' : fresh ? `${fresh} nieuwe taken.` : '';
    if (isBusy(coming)) {
      event.preventDefault();
      told = coming.getElementById('werk').dataset.stand;
      say(text || 'De lijst is veranderd.', location.href);
    } else {
      told = null;
      const at = inHand()?.id;
      if (at) event.detail.ctx.backTo = at;
      if (text) say(text);
    }
  });
  document.addEventListener('htmx:after:swap', (event) => {
    const id = event.detail.ctx?.backTo;
    const place = id && document.getElementById(id);
    if (place && document.activeElement !== place) place.focus({ preventScroll: true });
  });
}
