// The phone shows six digits: load the page again when they have been typed elsewhere, say when they are too old.
"use strict";

const status = document.querySelector("[data-status]");

function say(text) {
  if (status.textContent !== text) status.textContent = text;
  status.className = text === status.dataset.waiting ? "note" : "alert";
}

async function look() {
  try {
    const answer = await fetch("/digits/state", { cache: "no-store", headers: { accept: "application/json" } });
    const { state } = await answer.json();
    if (state === "over") return location.reload();
    document.querySelector("[data-fresh]").hidden = state === "expired";
    say(state === "expired" ? status.dataset.old : status.dataset.waiting);
  } catch {
    say(status.dataset.offline);
  }
  setTimeout(look, 1000);
}

setTimeout(look, 1000);
