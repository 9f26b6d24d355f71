// The phone's last page leads back to the browser after some seconds, unless the person wants to stay.
"use strict";

const back = document.querySelector("[data-back]");
const told = document.querySelector("[data-count]");
const stay = document.querySelector("[data-stay]");
let left = Number(back.dataset.seconds);

function count() {
  told.textContent = told.dataset.count.replace("#", left);
  if (left === 0) location.assign(back.href);
  left -= 1;
}

const counting = setInterval(() => (left < 0 ? clearInterval(counting) : count()), 1000);
stay.parentElement.hidden = false;
stay.addEventListener("click", () => {
  clearInterval(counting);
  told.textContent = told.dataset.stayed;
});
