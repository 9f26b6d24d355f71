// The login page: follows the transaction's state and, for the card reader, carries the invitation to the companion and
// its answer back. No PIN ever passes through here. Without this script the page's links and forms still work.
"use strict";

const POLL = 1000; // milliseconds
const PATIENCE = 150000; // how long a person may take with the companion

const page = document.querySelector("[data-login]");
const path = page.dataset.path;
const companion = page.dataset.companion;
const sentences = JSON.parse(document.getElementById("messages").textContent);
const status = page.querySelector("[data-status]");
const alertBox = page.querySelector("[data-alert]");
const remembered = "warifu " + path;

let view = page.dataset.now;
let over = false;

function say(key) {
  if (status.textContent !== sentences[key]) status.textContent = sentences[key];
}

function show(next, sentence) {
  const changed = next !== view;
  view = next;
  for (const section of page.querySelectorAll("[data-view]")) section.hidden = section.dataset.view !== next;
  page.querySelector("[data-asked]").hidden = !["choose", "digits", "handed", "reading", "answered"].includes(next);
  say(sentence);
  const section = page.querySelector(`[data-view="${next}"]`);
  if (changed) (section.querySelector("[data-focus]") || section.querySelector("h2")).focus();
}

function warn(text) {
  alertBox.textContent = text;
  alertBox.hidden = !text;
  if (text) alertBox.scrollIntoView({ block: "nearest" });
}

function finish(next, sentence) {
  over = true;
  sessionStorage.removeItem(remembered);
  page.querySelector("[data-cancel]").hidden = true;
  page.querySelector("[data-waiting]").classList.add("unseen"); // still read out, no longer in the way
  warn("");
  show(next, sentence);
}

// The decision's answer and the state's may both say so: the second would break off the way that the first began.
function goOn() {
  if (over) return;
  finish("finished", "finished");
  location.replace(path + "/continue");
}

function inWords(error) {
  return sentences["error." + error] || sentences["error.general"];
}

// --- following the state ---------------------------------------------------------------------------------------------

async function poll() {
  if (over) return;
  try {
    const response = await fetch(path + "/state", { cache: "no-store", headers: { accept: "application/json" } });
    if (response.ok) follow(await response.json());
    else if (response.status === 404 || response.status === 410) finish("expired", "expired");
    else say("offline");
  } catch {
    say("offline");
  }
  if (!over) setTimeout(poll, POLL);
}

// With the companion at work, or its answer being decided about, the phone's side does not matter.
const PHONES = ["choose", "digits", "handed", "answered", "returning"];

function follow({ state, hand_over: handOver }) {
  if (over) return;
  if (state === "expired") finish("expired", "expired");
  else if (view === "failed") return;
  else if (handOver === "ended") finish("ended", "ended");
  else if (handOver === "ends_elsewhere") leaveToApp();
  else if (state === "allowed" || state === "refused") goOn();
  else if (!PHONES.includes(view)) say(view);
  else if (state === "answered") show("answered", "answered");
  else followPhone(handOver);
}

// The person agreed in the app on this device, which leads back to this browser by itself.
function leaveToApp() {
  page.querySelector("[data-cancel]").hidden = true;
  show("returning", "returning");
}

function followPhone(handOver) {
  const next = { scanned: "digits", ready: "handed" }[handOver] || "choose";
  for (const part of page.querySelectorAll("[data-code]")) part.hidden = handOver !== "open";
  for (const part of page.querySelectorAll("[data-code-gone]")) part.hidden = handOver === "open";
  show(next, { choose: handOver === "code_expired" ? "code_gone" : "waiting" }[next] || next);
}

// --- the card reader -------------------------------------------------------------------------------------------------

class Refusal extends Error {
  constructor(error) {
    super(error);
    this.error = error;
  }
}

async function send(address, body, signal) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(address, { method: "POST", body, headers, signal, cache: "no-store" });
  if (response.ok) return response;
  const refusal = await response.json().catch(() => ({}));
  throw new Refusal(String(refusal.error || "general"));
}

async function askCompanion() {
  const invitation = await fetch(path + "/invitation", { cache: "no-store" });
  if (!invitation.ok) throw new Refusal("challenge_expired");
  try {
    const answer = await send(companion + "/login", await invitation.text(), AbortSignal.timeout(PATIENCE));
    return await answer.text();
  } catch (problem) {
    if (problem instanceof Refusal) throw problem;
    throw new Refusal(problem.name === "TimeoutError" ? "slow" : "absent");
  }
}

function companionFailed(error) {
  if (error === "pin_blocked") return fail(error, { decision: "deny", reason: "pin_blocked" });
  show("choose", "waiting");
  warn(sentences["companion_" + error] || inWords(error));
}

async function fail(error, decision) {
  finish("failed", "failed");
  page.querySelector("[data-reason]").textContent = inWords(error);
  if (decision) await send(path + "/decision", JSON.stringify(decision)).catch(() => {});
}

async function read() {
  warn("");
  show("reading", "reading");
  let answer;
  try {
    answer = await askCompanion();
  } catch (problem) {
    return companionFailed(problem instanceof Refusal ? problem.error : "general");
  }
  if (over) return;
  try {
    const shares = await (await send(path + "/answer", answer)).json();
    sessionStorage.setItem(remembered, JSON.stringify(shares));
    askConsent(shares);
  } catch (problem) {
    fail(problem instanceof Refusal ? problem.error : "general");
  }
}

// --- consent ---------------------------------------------------------------------------------------------------------

function askConsent(shares) {
  const agreed = shares.agreed || [];
  for (const item of page.querySelectorAll("[data-share]")) {
    item.hidden = !shares.shares.includes(item.dataset.share);
    item.querySelector("[data-before]").hidden = !agreed.includes(item.dataset.share);
  }
  const nothingNew = shares.shares.every((scope) => agreed.includes(scope) && scope !== "sign");
  page.querySelector("[data-new]").hidden = nothingNew;
  page.querySelector("[data-nothing-new]").hidden = !nothingNew;
  const subjectAlone = shares.shares.length === 1 && page.dataset.attributes === "yes";
  for (const note of page.querySelectorAll("[data-only-openid]")) {
    note.hidden = !subjectAlone || note.dataset.onlyOpenid !== (shares.by || "card");
  }
  page.querySelector('[data-view="consent"]').dataset.token = shares.decision_token;
  show("consent", "consent");
}

async function decide(button) {
  const token = page.querySelector('[data-view="consent"]').dataset.token;
  const allow = { decision: "allow", decision_token: token };
  const deny = { decision: "deny", reason: "cancelled" };
  for (const other of page.querySelectorAll("[data-decide]")) other.disabled = true;
  try {
    await send(path + "/decision", JSON.stringify(button.dataset.decide === "allow" ? allow : deny));
    goOn();
  } catch (problem) {
    for (const other of page.querySelectorAll("[data-decide]")) other.disabled = false;
    warn(problem instanceof Refusal ? inWords(problem.error) : sentences.offline);
  }
}

function resume() {
  const kept = sessionStorage.getItem(remembered);
  if (kept && view === "answered") askConsent(JSON.parse(kept)); // the page was reloaded while it asked for consent
}

// The form leads on by itself; a state that is read meanwhile would lead there a second time.
page.querySelector("[data-cancel]").addEventListener("submit", () => { over = true; });
for (const part of page.querySelectorAll("[data-scripted]")) part.hidden = false;
page.querySelector("[data-reader]")?.addEventListener("click", read);
for (const button of page.querySelectorAll("[data-decide]")) button.addEventListener("click", () => decide(button));
resume();
setTimeout(poll, POLL);
