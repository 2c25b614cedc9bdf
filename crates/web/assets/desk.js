// The desk's own script: small, without a framework. Every page works without it; with it
// - a link with `data-dialog` shows its page's <main> in a dialog above the page, and the forms there work the same;
// - a form is sent once at a time, and a lost connection leaves what was typed and the same `key` for the next try;
// - a form with `data-draft="name"` keeps what is typed until it was taken: until that form, or one with `data-drops="name"`,
//   led to another page;
// - a form that is answered in place shows what `data-focus` marks in its answer;
// - a button with `data-copy` copies;
// - a dialog with a form that has `data-unsaved` is closed by the second try only;
// - a notice that something went well is said at the edge of the window when the page opens further down.
// `data-plain` on a form or link leaves it to the browser.
"use strict";
(() => {
  const doc = document;
  const words = {
    ja: {
      close: "閉じる", copied: "コピーしました", sending: "送信中です…", loading: "読み込み中です…",
      lost: "通信できませんでした。入力内容はそのまま残っています。もう一度送信しても、処理が重なることはありません。",
      unreached: "ページを読み込めませんでした。もう一度お試しください。", restored: "送信前の入力内容を復元しました。",
      unsaved: "まだ実施していない変更があります。破棄するときは、もう一度閉じてください。",
    },
    en: {
      close: "Close", copied: "Copied", sending: "Sending…", loading: "Loading…",
      lost: "The connection was lost. What you typed is still here. Sending it again does nothing twice.",
      unreached: "The page could not be loaded. Please try again.", restored: "What you had typed was restored.",
      unsaved: "There are changes that were not made yet. Close it again to give them up.",
    },
  };
  const say = words[doc.documentElement.lang] || words.ja;
  const LONGEST_MS = 60000;
  const GREETING_MS = 12000;

  const make = (name, properties, ...children) => {
    const node = Object.assign(doc.createElement(name), properties);
    node.append(...children);
    return node;
  };
  const plain = (event) => event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  const here = (address) => new URL(address, location.href);

  // Toasts and words for who listens
  const toasts = make("div", { className: "toasts" });
  const ear = make("p", { className: "seen-by-ear", role: "status" });
  const tell = (text) => { ear.textContent = ""; setTimeout(() => { ear.textContent = text; }, 50); };
  function toast(text, tone) {
    const shut = make("button", { type: "button", className: "quiet", textContent: "✕", ariaLabel: say.close });
    const note = make("p", { className: `notice ${tone}` }, make("span", { textContent: text }), shut);
    note.setAttribute("role", tone === "bad" ? "alert" : "status");
    shut.addEventListener("click", () => note.remove());
    toasts.append(note);
    let left;
    const leave = () => { left = setTimeout(() => note.remove(), GREETING_MS); };
    ["pointerenter", "focusin"].forEach((name) => note.addEventListener(name, () => clearTimeout(left)));
    ["pointerleave", "focusout"].forEach((name) => note.addEventListener(name, leave));
    if (tone !== "bad") leave();
  }

  // Drafts
  const drafts = (root) => root.querySelectorAll("form[data-draft]");
  const draftName = (form) => `draft ${form.dataset.draft || form.dataset.drops}`;
  const isTyped = (field) => field.name && !["hidden", "password", "file", "submit"].includes(field.type);
  function keepDraft(form) {
    const typed = [...form.elements].filter(isTyped).map((field) => [field.name, field.type, field.value, field.checked]);
    try { sessionStorage.setItem(draftName(form), JSON.stringify(typed)); } catch { /* full or forbidden: nothing is kept */ }
  }
  function restoreDraft(form) {
    let typed = [];
    try { typed = JSON.parse(sessionStorage.getItem(draftName(form)) || "[]"); } catch { return; }
    let changed = false;
    for (const [name, type, value, checked] of typed) {
      const same = [...form.elements].filter((field) => field.name === name && field.type === type);
      const field = same.length > 1 ? same.find((one) => one.value === value) : same[0];
      if (!field) continue;
      if (type === "checkbox" || type === "radio") {
        if (field.value === value && field.checked !== checked) { field.checked = checked; changed = true; }
      } else if (field.value !== value) { field.value = value; changed = true; }
    }
    if (changed) {
      form.dispatchEvent(new Event("input", { bubbles: true }));
      toast(say.restored, "plain");
    }
  }
  const dropDraft = (form) => { if (form.dataset.draft || form.dataset.drops) sessionStorage.removeItem(draftName(form)); };

  // What a page brings along, wherever it is put
  function dress(root) {
    root.querySelectorAll("[data-copy]").forEach((button) => button.classList.add("ready"));
    drafts(root).forEach(restoreDraft);
    doc.dispatchEvent(new CustomEvent("desk:shown", { detail: root }));
    if (window.htmx && root !== doc) window.htmx.process(root);
  }

  // Requests of the script
  async function ask(address, options) {
    const ended = new AbortController();
    const timer = setTimeout(() => ended.abort(), LONGEST_MS);
    try {
      const answer = await fetch(address, { credentials: "same-origin", signal: ended.signal, ...options });
      const isPage = (answer.headers.get("content-type") || "").startsWith("text/html");
      const body = isPage ? await answer.text() : await answer.blob();
      return { answer, isPage, body };
    } finally {
      clearTimeout(timer);
    }
  }
  const pageOf = (text) => new DOMParser().parseFromString(text, "text/html");
  function download({ answer, body }) {
    const named = /filename="?([^";]+)/.exec(answer.headers.get("content-disposition") || "");
    const link = make("a", { href: URL.createObjectURL(body), download: named ? named[1] : "" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), LONGEST_MS);
  }

  // The dialog
  let sheet = null;
  let opener = null;
  let closing = false;
  function fill(page, address) {
    const main = page.querySelector("main");
    if (!main) { location.assign(address); return; }
    const inside = sheet.querySelector(".inside");
    inside.replaceChildren(...doc.adoptNode(main).childNodes);
    inside.dataset.address = address;
    sheet.classList.toggle("broad", !!inside.querySelector("[data-broad]"));
    const heading = inside.querySelector("h1");
    if (heading) { heading.id = heading.id || "sheet-title"; sheet.setAttribute("aria-labelledby", heading.id); }
    dress(inside);
    const wrong = inside.querySelector("[aria-invalid], .notice.bad");
    const first = wrong || inside.querySelector("input[type=radio]:checked") || inside.querySelector("[autofocus], input:not([type=hidden]):not([disabled]), select, textarea, button, a.button");
    if (first) {
      if (first.matches("p")) first.tabIndex = -1;
      first.focus();
    }
    sheet.scrollTop = 0;
  }
  function open(link) {
    sheet = make("dialog", { className: "sheet" });
    const shut = make("button", { type: "button", className: "quiet shut", textContent: "✕", ariaLabel: say.close });
    shut.addEventListener("click", leave);
    sheet.append(shut, make("div", { className: "inside" }));
    opener = link;
    doc.body.append(sheet);
    sheet.append(toasts, ear);
    sheet.addEventListener("close", shutDown);
    sheet.addEventListener("cancel", (event) => { event.preventDefault(); leave(); });
    history.pushState({ sheet: true }, "");
    sheet.showModal();
  }
  // What is typed and not saved is given up by the second try only.
  function leave() {
    const form = sheet.querySelector("form[data-unsaved]");
    if (!form || form.hasAttribute("data-warned")) { sheet.close(); return; }
    form.setAttribute("data-warned", "");
    toast(say.unsaved, "care");
  }
  function shutDown() {
    if (!sheet) return;
    const gone = sheet;
    sheet = null;
    doc.body.append(toasts, ear);
    gone.remove();
    if (history.state && history.state.sheet && !closing) history.back();
    closing = false;
    if (opener && opener.isConnected) opener.focus();
  }
  addEventListener("popstate", () => {
    if (sheet) { closing = true; sheet.close(); }
  });
  async function show(link) {
    if (link.getAttribute("aria-busy")) return;
    link.setAttribute("aria-busy", "true");
    tell(say.loading);
    try {
      const { answer, isPage, body } = await ask(link.href);
      // Whoever has to log in first does so on a page of its own.
      if (!isPage || (answer.redirected && here(answer.url).pathname === "/login")) { location.assign(link.href); return; }
      if (!sheet) open(link);
      fill(pageOf(body), answer.url);
    } catch {
      toast(say.unreached, "bad");
    } finally {
      link.removeAttribute("aria-busy");
    }
  }

  // Forms
  async function send(form, submitter) {
    if (form.getAttribute("aria-busy") === "true") return;
    const fields = new FormData(form, submitter);
    const action = submitter && submitter.hasAttribute("formaction") ? submitter.formAction : form.getAttribute("action") || inside(form) || location.href;
    const isGet = (form.method || "get").toLowerCase() === "get";
    const body = form.enctype === "multipart/form-data" ? fields : new URLSearchParams(fields);
    form.setAttribute("aria-busy", "true");
    form.querySelectorAll(".offline").forEach((note) => note.remove());
    tell(say.sending);
    try {
      const address = here(action);
      if (isGet) address.search = new URLSearchParams(fields);
      const got = await ask(address, isGet ? {} : { method: "POST", body });
      if (form.hasAttribute("data-leave")) sessionStorage.clear();
      arrive(form, got);
    } catch {
      const note = make("p", { className: "notice bad offline", textContent: say.lost });
      note.setAttribute("role", "alert");
      form.append(note);
    } finally {
      form.removeAttribute("aria-busy");
    }
  }
  const inside = (form) => { const box = form.closest(".inside"); return box && box.dataset.address; };
  function arrive(form, got) {
    const { answer, isPage, body } = got;
    if (!isPage) {
      if (answer.ok) { dropDraft(form); download(got); } else toast(say.unreached, "bad");
      return;
    }
    if (answer.redirected) {
      dropDraft(form);
      const next = pageOf(body);
      // A step of the same window stays in it; anything else is the page below, with its notice.
      if (sheet && inside(form) && next.querySelector("main [data-step]")) { fill(next, answer.url); return; }
      closing = true;
      if (answer.url === location.href) location.reload(); else if (sheet) location.replace(answer.url); else location.assign(answer.url);
      return;
    }
    const page = pageOf(body);
    if (sheet && inside(form)) { fill(page, inside(form)); return; }
    const main = page.querySelector("main");
    doc.title = page.title;
    doc.querySelector("main").replaceWith(doc.adoptNode(main));
    bring(page, main);
    const frame = page.querySelector(".menu .who");
    const own = doc.querySelector(".menu .who");
    if (frame && own) own.replaceWith(doc.adoptNode(frame));
    dress(main);
    scrollTo(0, 0);
    const at = main.querySelector("[aria-invalid], [data-focus]") || main;
    at.focus({ preventScroll: true });
    if (at !== main) at.scrollIntoView({ block: at.matches("h2") ? "start" : "center" });
  }
  // Scripts that were parsed this way do not run: those of the page's head that are not here yet, and those within.
  function bring(page, main) {
    const alive = (script) => {
      const copy = doc.createElement("script");
      for (const { name, value } of script.attributes) copy.setAttribute(name, value);
      return copy;
    };
    const known = new Set([...doc.scripts].map((script) => script.src));
    page.head.querySelectorAll("script[src]").forEach((script) => { if (!known.has(here(script.getAttribute("src")).href)) doc.head.append(alive(script)); });
    main.querySelectorAll("script[src]").forEach((script) => script.replaceWith(alive(script)));
  }
  doc.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.matches("[data-plain], [hx-post], [hx-get]")) return;
    const isGet = (form.method || "get").toLowerCase() === "get";
    if (form.method === "dialog" || (isGet && !form.closest("dialog.sheet"))) return;
    if (here(form.getAttribute("action") || location.href).origin !== location.origin) return;
    event.preventDefault();
    send(form, event.submitter);
  });
  doc.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && form.dataset.draft) keepDraft(form);
  });

  async function copy(button) {
    const text = button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = make("textarea", { value: text, className: "seen-by-ear" });
      (sheet || doc.body).append(area);
      area.select();
      doc.execCommand("copy");
      area.remove();
      button.focus();
    }
    toast(say.copied, "good");
  }

  doc.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) { copy(button); return; }
    const link = event.target.closest("a[href]");
    if (!link || plain(event)) return;
    if (link.hasAttribute("data-dialog")) { event.preventDefault(); show(link); return; }
    // Back to the page below: it is there already.
    if (sheet && sheet.contains(link) && (link.hasAttribute("data-close") || link.href === location.href)) {
      event.preventDefault();
      leave();
    }
  });

  doc.addEventListener("htmx:sendError", () => toast(say.unreached, "bad"));
  doc.addEventListener("htmx:timeout", () => toast(say.unreached, "bad"));
  doc.addEventListener("htmx:responseError", () => toast(say.unreached, "bad"));

  doc.body.append(toasts, ear);
  dress(doc);
  const notice = doc.querySelector("main > .notice.good[data-notice]");
  const isSeen = ({ top, bottom }) => top < innerHeight && bottom > 0;
  // A page that opens further down says it where the reader is.
  if (notice && !isSeen(notice.getBoundingClientRect())) toast(notice.textContent, "good");
})();
