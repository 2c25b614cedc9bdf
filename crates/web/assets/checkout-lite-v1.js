// The payment button: replaces each <script class="checkout-lite-button"> by a button that opens the checkout.
(() => {
  "use strict";
  if (window.checkoutLiteV1) { window.checkoutLiteV1(); return; }
  const home = new URL(document.currentScript.src).origin;
  const MARK = "checkout-lite";
  const english = () => /^en\b/i.test(document.documentElement.lang);
  const label = () => (english() ? "Pay at the counter" : "お支払いへ進む");

  // Our own drawings: a shop curtain, in four coats.
  const COATS = [
    { width: 220, height: 48, back: "#00118f", ink: "#fff", line: "#00118f" },
    { width: 220, height: 48, back: "#fff", ink: "#00118f", line: "#00118f" },
    { width: 220, height: 48, back: "#1a1a1a", ink: "#fff", line: "#1a1a1a" },
    { width: 280, height: 60, back: "#115a36", ink: "#fff", line: "#115a36" },
  ];
  const picture = (number) => {
    const { width: w, height: h, back, ink, line } = COATS[number] || COATS[0];
    const ns = "http://www.w3.org/2000/svg";
    const make = (name, attributes, parent) => {
      const element = document.createElementNS(ns, name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      if (parent) parent.appendChild(element);
      return element;
    };
    const svg = make("svg", { width: w, height: h, viewBox: `0 0 ${w} ${h}`, "aria-hidden": "true", focusable: "false" });
    make("rect", { x: 1, y: 1, width: w - 2, height: h - 2, rx: 8, fill: back, stroke: line, "stroke-width": 2 }, svg);
    const top = h / 2 - 11;
    make("path", { d: `M18 ${top}h30M21 ${top}v18h6v-14m0 14h12v-14m0 14h6v-18`, fill: "none", stroke: ink, "stroke-width": 2.5 }, svg);
    const text = make("text", {
      x: 62, y: h / 2 + 6, fill: ink, "font-size": h > 50 ? 19 : 16, "font-weight": 700,
      "font-family": "-apple-system, 'Hiragino Sans', 'Noto Sans JP', 'Noto Sans CJK JP', Meiryo, sans-serif",
    }, svg);
    text.textContent = label();
    return svg;
  };

  const cart = (data) => {
    const form = new URLSearchParams();
    form.set("key", data.key || "");
    if (data.cartId !== undefined) form.set("cart_id", data.cartId);
    form.set("sig", data.sig || "");
    for (let n = 1; data[`itemId-${n}`] !== undefined; n += 1) {
      form.set(`item_id_${n}`, data[`itemId-${n}`]);
      form.set(`item_name_${n}`, data[`itemName-${n}`] || "");
      form.set(`item_unit_price_${n}`, data[`itemUnitPrice-${n}`] || "");
      form.set(`item_quantity_${n}`, data[`itemQuantity-${n}`] || "");
    }
    form.set("return_url", location.href.split("#")[0]);
    return form;
  };

  // The function named by data-callback: looked up, never evaluated.
  const callback = (name) => {
    const found = (name || "").split(".").reduce((at, part) => (at === undefined || at === null ? at : at[part]), window);
    return typeof found === "function" ? found : () => {};
  };
  const say = (button, text) => {
    const told = button.nextElementSibling;
    told.textContent = text;
  };
  const isOpen = (opened) => Boolean(opened) && !opened.closed;
  // Whether a window shows nothing yet; the page of another origin does not say.
  const isBlank = (opened) => { try { return opened.location.href === "about:blank"; } catch (_) { return false; } };
  const recall = (key) => { try { return sessionStorage.getItem(key); } catch (_) { return null; } };
  const remember = (key, text) => { try { sessionStorage.setItem(key, text); } catch (_) { /* nothing is kept */ } };
  const forget = (key) => { try { sessionStorage.removeItem(key); } catch (_) { /* nothing was kept */ } };
  const call = async (path, options) => fetch(home + path, { credentials: "omit", ...options });
  const ask = async (session) => {
    const answer = await call(`/checkout/sessions/${encodeURIComponent(session)}/outcome`);
    if (answer.status === 404) return { id: session, status: "gone" };
    return answer.ok ? answer.json() : null;
  };
  const hasEnded = (outcome) => Boolean(outcome) && outcome.status !== "open" && outcome.status !== "processing";

  // Visits to the checkout whose end is not known, by the signature of their cart, and the sessions that were theirs: one cart
  // has one session until that ends. They outlive a reload of the page.
  const visits = new Map();
  const known = new Set();
  const keyOf = (signature) => `${MARK} ${signature}`;
  const begin = (visit, session) => {
    Object.assign(visit, { id: session.id, path: session.path });
    known.add(visit.id);
    visits.set(visit.signature, visit);
    remember(keyOf(visit.signature), JSON.stringify({ id: visit.id, path: visit.path }));
  };
  const resume = (data) => {
    const signature = data.sig || "";
    if (visits.has(signature)) return;
    try {
      const session = JSON.parse(recall(keyOf(signature)));
      if (session && session.id && session.path) begin({ signature, callback: data.callback }, session);
    } catch (_) { forget(keyOf(signature)); }
  };
  const learn = (visit, outcome) => {
    if (visits.get(visit.signature) !== visit || !hasEnded(outcome) || outcome.id !== visit.id) return;
    visits.delete(visit.signature);
    forget(keyOf(visit.signature));
    if (outcome.status === "paid") callback(visit.callback)(outcome.charge);
  };

  // Waits for the end of the window, then asks for that of the session: the shop and the card company are asked meanwhile.
  const PATIENCE = 180000;
  const follow = async (visit) => {
    if (visit.isFollowed) return;
    visit.isFollowed = true;
    for (let pause = 1000, waited = 0; visits.get(visit.signature) === visit && waited < PATIENCE;) {
      await new Promise((done) => { setTimeout(done, pause); });
      if (isOpen(visit.opened) || !visit.id) {
        [pause, waited] = [1000, 0];
      } else {
        learn(visit, await ask(visit.id).catch(() => null));
        [pause, waited] = [Math.min(pause * 1.2, 10000), waited + pause];
      }
    }
    visit.isFollowed = false;
  };
  const followAll = () => visits.forEach((visit) => follow(visit));

  // Where the visit goes on, in the window if there is one: at its session, or at a new one when that has ended without a charge.
  const lead = async (visit, data) => {
    const { opened } = visit;
    if (visit.id && opened && !isBlank(opened)) { follow(visit); return; }
    const outcome = visit.id ? await ask(visit.id).catch(() => null) : null;
    if (outcome && outcome.status === "paid") {
      if (opened) opened.close();
      learn(visit, outcome);
      return;
    }
    if (!visit.id || hasEnded(outcome)) {
      const answer = await call("/checkout/sessions", { method: "POST", body: cart(data) });
      const session = await answer.json();
      if (!answer.ok) throw new Error(session.errors[0].message);
      begin(visit, session);
    }
    if (opened) {
      opened.location.replace(home + visit.path);
      follow(visit);
    } else {
      remember(MARK, data.callback || "");
      location.assign(home + visit.path);
    }
  };

  const press = async (button, data) => {
    const signature = data.sig || "";
    const visit = visits.get(signature) || { signature, callback: data.callback };
    if (isOpen(visit.opened)) visit.opened.focus();
    if (visit.isBusy || isOpen(visit.opened)) return;
    say(button, "");
    // Before anything is waited for: a window that is opened later counts as unwanted. By its name, a window that was opened
    // before the page was loaded again is found.
    visit.opened = window.open("", `${MARK}-${signature}`, "popup,width=480,height=760");
    if (visit.opened) visit.opened.focus();
    visit.isBusy = true;
    visits.set(signature, visit);
    try {
      await lead(visit, data);
    } catch (error) {
      if (visit.opened) visit.opened.close();
      if (!visit.id) visits.delete(signature);
      console.error("checkout-lite:", error.message);
      say(button, english() ? "The payment could not be started." : "お支払いを開始できませんでした。");
    }
    visit.isBusy = false;
  };

  // Attribute names such as data-item-id-1 become itemId-1.
  const build = () => {
    for (const tag of document.querySelectorAll("script.checkout-lite-button:not([data-done])")) {
      tag.setAttribute("data-done", "");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "checkout-lite";
      button.setAttribute("aria-label", label());
      Object.assign(button.style, { padding: "0", border: "0", background: "none", cursor: "pointer", minHeight: "44px", width: "auto" });
      button.appendChild(picture(Number(tag.dataset.image || 0)));
      const told = document.createElement("span");
      told.setAttribute("role", "alert");
      told.style.display = "block";
      const data = Object.assign({}, tag.dataset);
      resume(data);
      button.addEventListener("click", () => press(button, data));
      tag.replaceWith(button, told);
    }
  };

  // Back from a checkout without a window: the address says which one it was.
  const returned = async () => {
    const match = /^#checkout-lite=(cs_[0-9a-z_]+)$/.exec(location.hash);
    if (!match) return;
    history.replaceState(null, "", location.pathname + location.search);
    // That of a cart of this page is asked for anyway.
    if (known.has(match[1])) return;
    const outcome = await ask(match[1]).catch(() => null);
    if (outcome && outcome.status === "paid") callback(recall(MARK))(outcome.charge);
  };

  window.addEventListener("message", (event) => {
    if (event.origin !== home || !event.data || event.data.source !== MARK) return;
    visits.forEach((visit) => learn(visit, event.data.outcome));
  });
  window.addEventListener("focus", followAll);
  window.addEventListener("pageshow", followAll);
  window.checkoutLiteV1 = () => { build(); followAll(); };
  build();
  const ready = () => { build(); returned(); followAll(); };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready); else ready();
})();
