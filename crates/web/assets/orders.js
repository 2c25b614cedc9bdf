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
    leadBack(list);
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

// 一覧に戻る leads from every order to the list as it is shown now. Where it is too long for one address, each line leads to its own page.
function leadBack(list) {
  const shown = new URL(location.href).searchParams;
  if (shown.has('after')) return;
  for (const link of list.querySelectorAll('tr[data-row] a[href]')) {
    const order = new URL(link.href);
    order.searchParams.set('back', shown);
    link.href = order.pathname + order.search;
  }
}

// 金額変更: buttons of the editor answer in place, so that nothing typed is lost when the line is; without this script the
// same form is sent and the same page comes back.
let sending = false;
addEventListener('submit', async (event) => {
  const form = event.target.closest('form[data-editor]');
  if (!form) return;
  event.preventDefault();
  if (sending) return;
  sending = true;
  const pressed = event.submitter;
  form.setAttribute('aria-busy', 'true');
  try {
    const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form, pressed)), headers: { accept: 'text/html' } });
    if (answer.redirected) {
      // The window's own place in the history is not come back to.
      if (form.closest('dialog')) location.replace(answer.url); else location.assign(answer.url);
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const main = page.querySelector('main');
    if (!main) throw new Error();
    // In the window of an order, or on a page of its own.
    const place = form.closest('dialog .inside') ?? document.querySelector('main');
    place.replaceChildren(...document.adoptNode(main).childNodes);
    const wrong = place.querySelector('[aria-invalid]') ?? place.querySelector('[data-focus]');
    const notice = place.querySelector('.notice.bad, .notice.care');
    if (wrong) wrong.focus();
    else if (notice) { notice.tabIndex = -1; notice.focus(); }
    else place.querySelector('button[value="add"]')?.focus();
    sums();
  } catch {
    let told = form.querySelector('#lost');
    if (!told) {
      told = document.createElement('p');
      told.id = 'lost';
      told.className = 'notice bad';
      told.setAttribute('role', 'alert');
      pressed?.parentElement.before(told);
    }
    told.textContent = form.dataset.lost;
  } finally {
    sending = false;
    form.removeAttribute('aria-busy');
  }
});

// The total while somebody types: as the server counts it when OK is pressed.
function sums() {
  const form = document.querySelector('form[data-editor]');
  if (!form) return;
  const whole = (name) => {
    const text = (form.elements[name]?.value ?? '').trim().replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0)).replace(/[,，]/g, '');
    return /^[0-9]{1,12}$/.test(text) ? Number(text) : null;
  };
  let total = 0;
  for (let line = 1; form.elements[`item_id_${line}`]; line += 1) {
    const [quantity, price] = [whole(`item_quantity_${line}`), whole(`item_unit_price_${line}`)];
    if (quantity !== null && price !== null) total += quantity * price;
  }
  if (!Number.isSafeInteger(total) || total > 99999999) return;
  const before = Number(form.dataset.before);
  const shown = form.querySelector('[data-total]');
  const grouped = (number) => number.toLocaleString('en-US');
  const yen = (number) => (document.documentElement.lang === 'ja' ? `${grouped(number)}円` : `¥${grouped(number)}`);
  shown.textContent = yen(total);
  const change = total - before;
  form.querySelector('[data-difference]').textContent = `${change > 0 ? '+' : change < 0 ? '-' : '±'}${yen(Math.abs(change))}`;
  const refused = form.querySelector('[data-refused]');
  refused.className = 'error';
  refused.textContent = total < 100 ? form.dataset.small : change === 0 ? form.dataset.same : '';
}
addEventListener('input', (event) => {
  const form = event.target.closest('form[data-editor]');
  if (!form) return;
  form.dataset.unsaved = '';
  sums();
});

// On a phone the search is folded until somebody searches; where there is room it is always open.
const narrow = matchMedia('(max-width: 40rem)');
const fold = () => { for (const search of document.querySelectorAll('details[data-fold]')) search.open = !narrow.matches; };
fold();
narrow.addEventListener('change', fold);

// 印刷.
for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => print());
}
