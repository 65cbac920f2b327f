// While a form is on its way its button says so, and a second press does nothing. What a page offers as a file keeps the
// page, so there the button is free again when the browser has begun with it.
const free = (button) => {
  button.removeAttribute('aria-busy');
  button.removeAttribute('aria-disabled');
};
const hold = (button) => {
  button.setAttribute('aria-busy', 'true');
  button.setAttribute('aria-disabled', 'true');
};

document.addEventListener('submit', (event) => {
  const button = event.submitter;
  if (event.defaultPrevented || !button) return;
  // A button that asks for a part of the page is no reason to wait: what it asked is let go.
  if (event.target.querySelector('button[aria-busy]:not([hx-post])')) {
    event.preventDefault();
    return;
  }
  hold(button);
  setTimeout(() => free(button), 8000);
});
// Coming back with the back button shows the page as it was left.
window.addEventListener('pageshow', () => document.querySelectorAll('button[aria-busy]').forEach(free));

const pressed = ({ sourceElement, request }) => request.submitter ?? (sourceElement.matches('button') ? sourceElement : null);
document.addEventListener('htmx:before:request', ({ detail: { ctx } }) => {
  const button = pressed(ctx);
  if (button) hold(button);
});
document.addEventListener('htmx:finally:request', ({ detail: { ctx } }) => {
  const button = pressed(ctx);
  if (button) free(button);
});
