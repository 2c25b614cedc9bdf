// What the button that is tried tells of its charge.
window.choba = {
  tried(charge) {
    const shown = document.getElementById("tried");
    shown.textContent = JSON.stringify(charge, null, 2);
    shown.focus();
  },
};
// A tag is copied as it stands in its box; the desk's script does the copying.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy-from]");
  if (button) button.dataset.copy = document.getElementById(button.dataset.copyFrom).value;
}, true);
