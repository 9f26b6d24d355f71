// The keypad beside the PIN's field: the same field, filled by touch. The keyboard works without it.
"use strict";

const form = document.querySelector("[data-keypad]");
const field = form.querySelector("input[name=pin]");
const entered = form.querySelector("[data-entered]");

function tell() {
  entered.textContent = form.dataset.count.replace("{count}", String(field.value.length));
}

function press(button) {
  if (button.dataset.digit !== undefined) field.value = (field.value + button.dataset.digit).slice(0, 4);
  else if (button.dataset.erase !== undefined) field.value = field.value.slice(0, -1);
  else field.value = "";
  tell();
}

field.addEventListener("input", () => {
  const digits = field.value.normalize("NFKC").replace(/[^0-9]/g, "").slice(0, 4);
  if (digits !== field.value) field.value = digits;
  tell();
});
for (const button of form.querySelectorAll(".keypad button")) button.addEventListener("click", () => press(button));
if (matchMedia("(pointer: coarse)").matches) field.inputMode = "none"; // our keypad instead of the system's
form.querySelector(".keypad").hidden = false;
