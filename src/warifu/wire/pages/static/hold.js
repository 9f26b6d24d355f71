// While the card is being read: say so, and do not let the form be sent twice.
"use strict";

const form = document.querySelector("[data-hold]");

form.addEventListener("submit", () => {
  form.querySelector(".busy").textContent = form.dataset.busy;
  form.querySelector("button").disabled = true;
});
