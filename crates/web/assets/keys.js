// The desk by keyboard. Ctrl+K acts everywhere, single letters only outside of fields: they can be switched off (WCAG 2.1.4), and never while an
// input method composes. Everything here leads to links, buttons and pages that work without it.
//   ?  map of the keys    Ctrl+K  commands    /  search    j k  rows    Enter  opens    x  selects    g + letter  pages
// `data-key="c"` on a link or button of a page makes it that page's own key; `data-command="words"` a command.
"use strict";
(() => {
  const doc = document;
  const places = doc.currentScript.dataset;
  const SWITCH = "choba-keys";
  const SECOND_KEY_MS = 1500;
  const PAUSE_MS = 120;

  const lettersAreOn = () => { try { return localStorage.getItem(SWITCH) !== "off"; } catch { return true; } };
  const seen = (element) => element.getClientRects().length > 0;
  const all = (css, root) => [...root.querySelectorAll(css)].filter(seen);
  // What lies on top: keys act there only.
  const top = () => [...doc.querySelectorAll("dialog[open]")].pop() || doc;
  const isField = (element) => element instanceof Element
    && (element.isContentEditable || element.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])"));
  const composes = (event) => event.isComposing || event.keyCode === 229;

  // Rows
  const ROWS = "tr[data-row], .list tbody tr, li[data-row]";
  const rows = () => [...new Set(all(ROWS, top()))];
  const opening = (row) => row.querySelector("a[href], button");
  const rowHere = () => doc.activeElement && doc.activeElement.closest(ROWS);
  let lastRow = null;
  function step(by) {
    const list = rows();
    if (!list.length) return false;
    const from = list.indexOf(rowHere() || lastRow);
    const row = list[from < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(Math.max(from + by, 0), list.length - 1)];
    const target = opening(row) || row;
    if (target === row) row.tabIndex = -1;
    lastRow = row;
    target.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    return true;
  }
  function select() {
    const box = rowHere() && rowHere().querySelector("input[type=checkbox]:not(:disabled)");
    if (box) box.click();
    return !!box;
  }
  function openRow(event) {
    // A link or button does it by itself.
    if (!rowHere() || event.target.closest("a, button, summary")) return false;
    const target = opening(rowHere());
    if (target) target.click();
    return !!target;
  }

  // Search
  const SEARCH = "[data-search], [role=search] input:not([type=hidden], [type=checkbox], [type=radio])";
  function search() {
    const field = all(SEARCH, top())[0];
    if (field) { field.focus(); if (field.select) field.select(); }
    return !!field;
  }

  // Pages
  let first = 0;
  const own = (key) => all("[data-key]", top()).find((one) => one.dataset.key === key && !one.matches(":disabled, [aria-disabled=true]"));
  function press(key, event) {
    if (performance.now() - first < SECOND_KEY_MS) {
      first = 0;
      const line = [...doc.querySelectorAll("[data-go]")].find((one) => one.dataset.go === key);
      if (line) { location.assign(line.href); return true; }
    }
    if (key === "g") { first = performance.now(); return true; }
    if (key === "?") { const map = doc.querySelector("[data-keys-map]"); if (map) map.click(); return !!map; }
    if (key === "/") return search();
    if (key === "j") return step(1);
    if (key === "k") return step(-1);
    if (key === "x") return select();
    if (key === "Enter") return openRow(event);
    const button = own(key);
    if (button) button.click();
    return !!button;
  }
  doc.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || composes(event)) return;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openPalette();
      return;
    }
    if (isField(event.target)) {
      if (event.key === "Escape" && event.target.closest("[role=search]") && top() === doc) event.target.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat && !["j", "k"].includes(event.key)) return;
    if (!lettersAreOn() || event.key.length !== 1 && event.key !== "Enter") return;
    if (press(event.key, event)) event.preventDefault();
  });

  // The map: which keys this page has of its own, and the switch
  function dress(root) {
    const box = root.querySelector("[data-keys-switch]");
    if (box) {
      const input = box.querySelector("input");
      box.hidden = false;
      input.checked = lettersAreOn();
      input.addEventListener("change", () => {
        try { localStorage.setItem(SWITCH, input.checked ? "on" : "off"); } catch { /* kept for nobody */ }
      });
    }
    const here = root.querySelector("[data-keys-here]");
    const keys = [...doc.querySelectorAll("[data-key]")].filter((one) => !root.contains(one) || root === doc);
    if (!here || !keys.length) return;
    here.hidden = false;
    here.querySelector("dl").replaceChildren(...keys.flatMap((one) => {
      const key = Object.assign(doc.createElement("kbd"), { textContent: one.dataset.key });
      const term = doc.createElement("dt");
      term.append(key);
      return [term, Object.assign(doc.createElement("dd"), { textContent: one.dataset.command || one.textContent.trim() })];
    }));
  }
  doc.addEventListener("desk:shown", (event) => dress(event.detail || doc));

  // The palette: a combobox whose list is the page of commands, and what this page has of its own
  const element = (name, attributes, ...children) => {
    const made = doc.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  let palette = null;
  let asked = 0;
  const fetched = async (text) => {
    const answer = await fetch(`${places.commands}?q=${encodeURIComponent(text)}`, { credentials: "same-origin" });
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  };
  async function openPalette() {
    if (palette && palette.open) return;
    const page = await fetched("").catch(() => null);
    const list = page && page.querySelector("#found");
    // Without an answer, or without a session any more: the page itself says what is the matter.
    if (!list) { location.assign(places.commands); return; }
    if (palette && palette.open) return;
    build(page);
    palette.showModal();
    show(list, "");
  }
  function build(page) {
    if (palette) palette.remove();
    const label = page.querySelector("label[for=q]").textContent;
    const input = element("input", {
      type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list", "aria-autocomplete": "list",
      "aria-label": label, placeholder: label, autocomplete: "off", spellcheck: "false",
    });
    const list = element("ul", { id: "palette-list", role: "listbox", "aria-label": label, class: "commands" });
    const count = element("p", { class: "seen-by-ear", role: "status" });
    palette = element("dialog", { class: "sheet palette", "aria-label": page.querySelector("h1").textContent }, input, count, list);
    doc.body.append(palette);
    let timer = 0;
    input.addEventListener("input", (event) => {
      if (event.isComposing) return;
      clearTimeout(timer);
      timer = setTimeout(() => find(input.value.trim()), PAUSE_MS);
    });
    input.addEventListener("compositionend", () => find(input.value.trim()));
    input.addEventListener("keydown", steer);
    palette.addEventListener("click", (event) => { if (event.target === palette) palette.close(); });
  }
  async function find(text) {
    const mine = ++asked;
    const page = await fetched(text).catch(() => null);
    const list = page && page.querySelector("#found");
    if (mine === asked && list && palette.open) show(list, text);
  }
  // What `data-command` marks on the page below, and in a dialog that is open on it.
  const commandsHere = (text) => all("[data-command]", doc)
    .filter((one) => !palette.contains(one) && !one.matches(":disabled, [aria-disabled=true]"))
    .filter((one) => one.dataset.command.toLowerCase().includes(text.toLowerCase()));
  function show(found, text) {
    const list = palette.querySelector("ul");
    const options = commandsHere(text).map((one) => {
      const kind = element("span", { class: "kind" }, found.dataset.here);
      const option = element("li", { role: "option" }, kind, " ", element("b", {}, one.dataset.command));
      option.act = () => { palette.close(); one.click(); };
      return option;
    });
    for (const link of found.querySelectorAll("li > a")) {
      const option = element("li", { role: "option" }, ...doc.importNode(link, true).childNodes);
      const address = link.getAttribute("href");
      option.act = () => { palette.close(); location.assign(address); };
      options.push(option);
    }
    options.forEach((option, index) => {
      option.id = `palette-${index}`;
      option.addEventListener("click", option.act);
    });
    const nothing = element("li", { role: "option", "aria-disabled": "true" }, found.dataset.nothing);
    list.replaceChildren(...(options.length ? options : [nothing]));
    palette.querySelector("[role=status]").textContent = options.length
      ? found.dataset.count.replace("{}", options.length) : found.dataset.nothing;
    choose(options.length ? 0 : -1);
  }
  const chosen = () => palette.querySelector("[aria-selected=true]");
  function choose(index) {
    const options = [...palette.querySelectorAll("[role=option]:not([aria-disabled])")];
    const at = options.length ? (index + options.length) % options.length : -1;
    options.forEach((option, number) => option.setAttribute("aria-selected", String(number === at)));
    const input = palette.querySelector("input");
    if (at < 0) { input.removeAttribute("aria-activedescendant"); return; }
    input.setAttribute("aria-activedescendant", options[at].id);
    options[at].scrollIntoView({ block: "nearest" });
  }
  function steer(event) {
    if (composes(event)) return;
    const options = [...palette.querySelectorAll("[role=option]:not([aria-disabled])")];
    const at = options.indexOf(chosen());
    const steps = { ArrowDown: at + 1, ArrowUp: at - 1 };
    if (event.key in steps) choose(steps[event.key]);
    else if (event.key === "Enter" && chosen()) chosen().act();
    else return;
    event.preventDefault();
  }

  doc.addEventListener("click", (event) => {
    const link = event.target.closest("[data-palette]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    openPalette();
  });
  dress(doc);
})();
