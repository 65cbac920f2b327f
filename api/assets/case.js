// The summary of a case on the clipboard in one click. Without it, or when a browser does not allow it, the link leads to a page to
// copy from.
document.addEventListener('click', async (event) => {
  const link = event.target.closest?.('a[data-copy]');
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || !navigator.clipboard?.write) return;
  event.preventDefault();
  const said = link.parentElement.querySelector('[role=status]');
  said.textContent = '';
  const text = fetch(link.dataset.copy, { redirect: 'error' }).then((answer) => {
    if (!answer.ok) throw new Error(answer.status);
    return answer.blob();
  });
  try {
    await navigator.clipboard.write([new ClipboardItem({ 'text/plain': text })]);
    said.textContent = 'Gekopieerd. Plak de samenvatting in uw eigen dossier.';
  } catch {
    location.assign(link.href);
  }
});
