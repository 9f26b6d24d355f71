// Passkeys: logs in with one, makes one, and shows the card for one again. Only bytes pass through here, between the
// browser's own dialogue and the provider; whether they are good is decided there.
"use strict";

{
  const root = document.querySelector("[data-passkeys]");
  const base = root.dataset.passkeys;
  const query = root.dataset.finish ? "?finish=" + encodeURIComponent(root.dataset.finish) : "";
  const words = JSON.parse(document.getElementById("passkey-words").textContent);
  const complaint = root.querySelector("[data-passkey-alert]");

  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");
  const withBytes = (known) => known.map((each) => ({ ...each, id: bytes(each.id) }));

  async function post(way, body) {
    const headers = { "content-type": "application/json" };
    // Kept alive, for whoever ticked the box may be on the way to the app already.
    const request = { method: "POST", headers, body: JSON.stringify(body), cache: "no-store", keepalive: true };
    const response = await fetch(base + way + query, request);
    if (response.ok) return response.status === 204 ? null : response.json();
    const told = await response.json().catch(() => ({}));
    throw new Error(words["error." + told.error] || words["error.general"]);
  }

  async function signature(way) {
    const options = await post(way + "/options", {});
    const publicKey = {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: withBytes(options.allowCredentials),
    };
    const { rawId, response } = await navigator.credentials.get({ publicKey });
    return {
      id: text(rawId),
      client_data: text(response.clientDataJSON),
      authenticator_data: text(response.authenticatorData),
      signature: text(response.signature),
      user_handle: text(response.userHandle || new ArrayBuffer(0)),
    };
  }

  async function logIn() {
    const shares = await post("/answer", await signature(""));
    sessionStorage.setItem("warifu " + root.dataset.login, JSON.stringify(shares)); // the login page asks for consent
    location.reload();
  }

  async function make() {
    const options = await post("/enrol/options", {});
    const publicKey = {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: withBytes(options.excludeCredentials),
    };
    const { response } = await navigator.credentials.create({ publicKey });
    await post("/enrol", {
      client_data: text(response.clientDataJSON),
      attestation_object: text(response.attestationObject),
      transports: response.getTransports ? response.getTransports() : [],
    });
    again("made");
  }

  async function renew() {
    await post("/renew", await signature("/renew"));
    again("renewed");
  }

  function again(note) {
    location.replace(base + (query ? query + "&" : "?") + "note=" + note);
  }

  // The browser's own names for what went wrong in its dialogue (WebAuthn §5.1.3, §5.1.4).
  const named = { NotAllowedError: "cancelled", InvalidStateError: "exists", SecurityError: "insecure" };

  function tell(problem) {
    const known = problem instanceof DOMException ? words[named[problem.name]] : problem.message;
    complaint.textContent = known || words["error.general"];
    complaint.hidden = false;
    complaint.scrollIntoView({ block: "nearest" });
  }

  async function attempt(button, act) {
    complaint.hidden = true;
    root.querySelector("[data-passkey-note]")?.remove(); // it told of the act before this one
    button.disabled = true;
    try {
      await act();
    } catch (problem) {
      tell(problem);
      button.disabled = false;
      button.focus();
    }
  }

  const acts = { login: logIn, make, renew };
  for (const button of root.querySelectorAll("[data-passkey]"))
    button.addEventListener("click", () => attempt(button, acts[button.dataset.passkey]));
  const want = root.querySelector("[data-passkey-want]");
  want?.addEventListener("change", () => attempt(want, async () => {
    await post("/wanted", { wanted: want.checked });
    want.disabled = false;
  }));
  if (window.PublicKeyCredential) for (const part of root.querySelectorAll("[data-passkey-able]")) part.hidden = false;
  else for (const part of root.querySelectorAll("[data-passkey-unable]")) part.hidden = false;
}
