// Whether the server answers, and until when one is logged in: known from answers that come anyway, never asked for that alone.
const NAME = 'X-Session-Left';
const WAIT = 15_000;

export const contact = { at: 0, idle: Infinity, ends: Infinity };
const listeners = [];
const others = typeof BroadcastChannel === 'function' ? new BroadcastChannel('steun-session') : null;

const note = (left) => {
  const [idle, ends] = String(left).split(';').map((part) => Date.now() + 1000 * Number(part));
  if (Number.isNaN(idle + ends)) return false;
  Object.assign(contact, { idle, ends });
  return true;
};

// Seconds, as the server hands them: "1800;43200".
export const learn = (left) => {
  if (!left || !note(left)) return;
  others?.postMessage(left);
  listeners.forEach((listener) => listener());
};
// Another window of ours that is in use keeps this one logged in as well.
others?.addEventListener('message', ({ data }) => note(data) && listeners.forEach((listener) => listener()));
export const onContact = (listener) => listeners.push(listener);

export const ask = async (address, options = {}) => {
  contact.at = 0; // until it answers nobody knows
  const answer = await fetch(address, { credentials: 'same-origin', signal: AbortSignal.timeout(WAIT), ...options });
  contact.at = Date.now();
  learn(answer.headers.get(NAME));
  return answer;
};

document.addEventListener('htmx:after:request', ({ detail }) => learn(detail.ctx?.response?.headers?.get(NAME)));
learn(document.body.dataset.left);
