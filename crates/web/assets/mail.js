// The editor of mails: counts while somebody types, asks the server what a mail cannot carry, and puts blocks where the
// cursor is. Without it the same page works by sending its form.
"use strict";
(() => {
  const PAUSE_MS = 400;
  const count = (text) => [...text.replace(/\r\n/g, "\n")].length;
  const editorOf = (node) => node && node.closest && node.closest("form[data-mail]");

  function counted(form) {
    for (const output of form.querySelectorAll("[data-count]")) {
      const field = form.elements[output.dataset.count];
      output.textContent = String(count(field.value));
    }
  }

  async function check(form) {
    const asked = (form.asked = (form.asked || 0) + 1);
    const fields = new URLSearchParams();
    for (const name of ["csrf", "subject", "body"]) fields.set(name, form.elements[name].value);
    try {
      const answer = await fetch(form.dataset.mail, { method: "POST", credentials: "same-origin", body: fields });
      if (!answer.ok || asked !== form.asked) return;
      const said = await answer.json();
      for (const name of ["subject", "body"]) {
        const error = form.querySelector(`[data-error="${name}"]`);
        const field = form.elements[name];
        error.textContent = said[name];
        field.closest(".field").classList.toggle("wrong", said[name] !== "");
        if (said[name]) field.setAttribute("aria-invalid", "true"); else field.removeAttribute("aria-invalid");
      }
    } catch { /* The check when the form is sent says it. */ }
  }

  document.addEventListener("input", (event) => {
    const form = editorOf(event.target);
    if (!form) return;
    counted(form);
    clearTimeout(form.pause);
    form.pause = setTimeout(() => check(form), PAUSE_MS);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-insert]");
    const form = editorOf(button);
    if (!form || !button.dataset.insert) return;
    event.preventDefault();
    const area = form.elements.body;
    const before = area.value.slice(0, area.selectionStart);
    const text = `${before && !before.endsWith("\n") ? "\n" : ""}${button.dataset.insert}\n`;
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    button.closest("details").open = false;
    area.focus();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
