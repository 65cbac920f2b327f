// «/» goes to the box to search, or to its page where there is no room for a box; not while somebody is typing.
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest?.('input:not([type=radio], [type=checkbox]), select, textarea, [contenteditable]')) return;
  const box = document.querySelector('[data-shortcut="/"]');
  if (!box) return;
  event.preventDefault();
  if (box.offsetParent) box.focus();
  else document.querySelector('.steun-searchlink')?.click();
});
