// Tells the page that opened this window how the checkout ended, and nobody else: the origin was registered by the shop.
(() => {
  "use strict";
  const element = document.getElementById("outcome");
  const { origin, outcome } = element.dataset;
  const opener = window.opener;
  if (!opener || !origin) return;
  opener.postMessage({ source: "checkout-lite", outcome: JSON.parse(outcome) }, origin);
  const close = document.getElementById("close");
  const go = document.getElementById("go");
  if (go) go.hidden = true;
  close.hidden = false;
  close.addEventListener("click", () => window.close());
})();
