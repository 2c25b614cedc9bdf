// さらに読み込む: the next lines are put below those that are there, and the address then says what is shown.
addEventListener('click', async (event) => {
  const more = event.target.closest('a[data-more]');
  if (!more || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  if (more.hasAttribute('aria-busy')) return;
  more.setAttribute('aria-busy', 'true');
  try {
    const answer = await fetch(more.dataset.more, { headers: { accept: 'text/html' } });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const lines = page.querySelector('#orders');
    if (!answer.ok || answer.redirected || !lines) throw new Error();
    const list = document.querySelector('#orders');
    const shown = list.rows.length;
    const first = lines.rows[0];
    list.append(...lines.rows);
    [...list.rows].forEach((row, index) => { row.id = `line-${index + 1}`; });
    history.replaceState(null, '', more.getAttribute('href').split('#')[0]);
    const next = page.querySelector('a[data-more]');
    if (next) {
      const here = new URL(more.href);
      more.dataset.more = next.dataset.more;
      if (here.searchParams.has('count')) {
        here.searchParams.set('count', list.rows.length + 10);
        here.hash = `line-${list.rows.length + 1}`;
        more.href = list.rows.length + 10 > 200 ? next.dataset.more : here.pathname + here.search + here.hash;
      } else {
        more.href = next.getAttribute('href');
      }
    } else {
      more.remove();
    }
    const count = document.querySelector('.orders-count .more');
    if (count) count.textContent = count.textContent.replace(String(shown), String(list.rows.length));
    first?.querySelector('a')?.focus({ preventScroll: true });
  } catch {
    const told = document.querySelector('#orders-failed') ?? document.createElement('p');
    told.id = 'orders-failed';
    told.className = 'notice bad';
    told.setAttribute('role', 'alert');
    told.textContent = more.dataset.failed;
    more.parentElement.before(told);
  } finally {
    more.removeAttribute('aria-busy');
  }
});
