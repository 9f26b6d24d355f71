// A page on oidc-client-ts, as its documentation shows. It keeps no key: its own server adds the assertion to what it
// asks of the token endpoint, and passes on what it asks of UserInfo.
const settings = async () => {
  const metadata = await (await fetch("/metadata")).json();
  return {
    authority: metadata.issuer,
    metadata,
    client_id: metadata.client_id,
    redirect_uri: `${location.origin}/callback`,
    scope: "openid name address birthdate gender",
    loadUserInfo: true,
    automaticSilentRenew: false,
  };
};
const show = (told) => { document.querySelector("#seen").textContent = JSON.stringify(told); };
const tell = async (attempt) => {
  try {
    const user = await attempt();
    show({ profile: user.profile, scope: user.scope, token_type: user.token_type, refreshes: Boolean(user.refresh_token) });
  } catch (error) {
    show({ error: error.error ?? error.message, description: error.error_description });
  }
};
const ready = settings().then((made) => new oidc.UserManager(made));
document.querySelector("#log-in").onclick = async () => {
  (await ready).signinRedirect({ nonce: crypto.randomUUID(), acr_values: "aal3 crl" });
};
document.querySelector("#refresh").onclick = async () => tell(async () => (await ready).signinSilent());
if (location.pathname === "/callback") tell(async () => (await ready).signinRedirectCallback());
