// What the button that is tried tells of its charge.
window.choba = {
  tried(charge) {
    const shown = document.getElementById("tried");
    shown.textContent = JSON.stringify(charge, null, 2);
    shown.focus();
  },
};
