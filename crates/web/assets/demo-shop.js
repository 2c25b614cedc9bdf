// What a shop's own page does with the charge that the button hands over: here it only shows it.
window.demoShop = {
  paid(charge) {
    document.getElementById("result").textContent = JSON.stringify(charge, null, 2);
  },
};
