// Ask for the page again every few seconds and put its figures in place of the old ones; a switch stops it.
"use strict";

const bar = document.querySelector("[data-refresh]");
const onOff = document.querySelector("[data-refresh-switch]");

async function refresh() {
  const live = document.querySelector("[data-live]");
  // Whoever reads or presses something in there is not disturbed.
  if (!onOff.checked || document.hidden || live.contains(document.activeElement)) return;
  const answer = await fetch("/", { headers: { "x-refreshing": "1" }, credentials: "same-origin" });
  if (answer.redirected || !answer.ok) {
    location.reload();
    return;
  }
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
  const open = [...live.querySelectorAll("details")].map((details) => details.open);
  fresh.querySelectorAll("details").forEach((details, place) => { details.open = open[place] ?? details.open; });
  live.replaceWith(fresh);
}

bar.hidden = false;
setInterval(() => refresh().catch(() => {}), Number(bar.dataset.refresh) * 1000);
