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
  const remembered = () => { try { return sessionStorage.getItem(MARK); } catch (_) { return null; } };
  const remember = (name) => { try { sessionStorage.setItem(MARK, name || ""); } catch (_) { /* nothing is kept */ } };
  const ask = async (session) => {
    const answer = await fetch(`${home}/checkout/sessions/${encodeURIComponent(session)}/outcome`, { credentials: "omit" });
    return answer.ok ? answer.json() : null;
  };

  // Waits for the window: its message, or its end.
  const watch = (button, opened, session, name) => {
    let told = false;
    const finish = (outcome) => {
      if (told || !outcome || outcome.id !== session) return;
      if (outcome.status === "processing" || outcome.status === "open") return;
      told = true;
      button.disabled = false;
      window.removeEventListener("message", hear);
      clearInterval(timer);
      if (outcome.status === "paid") callback(name)(outcome.charge);
    };
    const hear = (event) => {
      if (event.origin === home && event.data && event.data.source === MARK) finish(event.data.outcome);
    };
    window.addEventListener("message", hear);
    let asked = 0;
    const timer = setInterval(async () => {
      if (!opened.closed) return;
      button.disabled = false;
      asked += 1;
      finish(await ask(session).catch(() => null));
      if (asked >= 30) clearInterval(timer);
    }, 1000);
  };

  const press = async (button, data) => {
    if (button.disabled) return;
    button.disabled = true;
    say(button, "");
    // Before anything is waited for: a window that is opened later counts as unwanted.
    const opened = window.open("", "_blank", "popup,width=480,height=760");
    try {
      const answer = await fetch(`${home}/checkout/sessions`, { method: "POST", body: cart(data), credentials: "omit" });
      const session = await answer.json();
      if (!answer.ok) throw new Error(session.errors[0].message);
      if (opened) {
        opened.location.replace(home + session.path);
        watch(button, opened, session.id, data.callback);
        setTimeout(() => { button.disabled = false; }, 2000);
      } else {
        remember(data.callback);
        location.assign(home + session.path);
      }
    } catch (error) {
      if (opened) opened.close();
      button.disabled = false;
      console.error("checkout-lite:", error.message);
      say(button, english() ? "The payment could not be started." : "お支払いを開始できませんでした。");
    }
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
      button.addEventListener("click", () => press(button, data));
      tag.replaceWith(button, told);
    }
  };

  // Back from a checkout without a window: the address says which one it was.
  const returned = async () => {
    const match = /^#checkout-lite=(cs_[0-9a-z_]+)$/.exec(location.hash);
    if (!match) return;
    history.replaceState(null, "", location.pathname + location.search);
    const outcome = await ask(match[1]).catch(() => null);
    if (outcome && outcome.status === "paid") callback(remembered())(outcome.charge);
  };

  window.checkoutLiteV1 = build;
  build();
  const ready = () => { build(); returned(); };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready); else ready();
})();
