// A relying party on openid-client, as its documentation shows; nothing of ours is in it.
//
// First line of stdin: what it is to do. Whenever somebody has to go to an address with a browser, that is a line on
// stdout, and the next line of stdin is where the browser ended. The last line of stdout is what was seen.
import * as readline from "node:readline";
import * as client from "openid-client";
import { decodeJwt, importJWK, SignJWT } from "jose";

const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => (await lines.next()).value;
const asked = JSON.parse(await next());
const strict = asked.profile === "fapi2";
const seen = { outcomes: {} };

async function visit(address) {
  console.log(JSON.stringify({ visit: address.href }));
  return JSON.parse(await next());
}

const key = await importJWK(asked.jwk, asked.alg);
const authentication = client.PrivateKeyJwt({ key, kid: asked.jwk.kid });
const metadata = { [client.clockSkew]: asked.skew };
const config = await client.discovery(new URL(asked.issuer), asked.client_id, metadata, authentication, {
  execute: [client.allowInsecureRequests],
});
if (asked.jarm) client.useJwtResponseMode(config);
const server = config.serverMetadata();
const dpopKeys = strict ? await client.randomDPoPKeyPair(asked.proof) : undefined;
const options = strict ? { DPoP: client.getDPoPHandle(config, dpopKeys) } : {};

async function begin(changes = {}) {
  const verifier = client.randomPKCECodeVerifier();
  const parameters = {
    redirect_uri: asked.redirect_uri,
    scope: asked.scope,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state: client.randomState(),
    nonce: client.randomNonce(),
    ...changes,
  };
  for (const [name, value] of Object.entries(parameters)) if (value === null) delete parameters[name];
  const address = strict
    ? await client.buildAuthorizationUrlWithPAR(config, parameters, options)
    : client.buildAuthorizationUrl(config, parameters);
  const checks = { pkceCodeVerifier: verifier, expectedState: parameters.state, expectedNonce: parameters.nonce };
  return { address, checks };
}

async function redeem(ended, checks, with_options = options) {
  return client.authorizationCodeGrant(config, new URL(ended.address), checks, undefined, with_options);
}

async function logIn(changes) {
  const { address, checks } = await begin(changes);
  const ended = await visit(address);
  return { ended, checks, tokens: await redeem(ended, checks) };
}

const codeOf = (error) => error?.error ?? error?.cause?.error ?? challenge(error) ?? error?.code ?? String(error);
const challenge = (error) => (Array.isArray(error?.cause) ? error.cause[0]?.parameters?.error : undefined);

// How a visit ended: a page of the provider, an error wherever the response mode puts it, or a code.
function ending(end) {
  if (end.shown) return end.shown;
  const { searchParams, hash } = new URL(end.address);
  const response = searchParams.get("response");
  const told = response ? decodeJwt(response).error : searchParams.get("error");
  return told ?? new URLSearchParams(hash.slice(1)).get("error") ?? "accepted";
}

async function outcome(name, attempt) {
  try {
    seen.outcomes[name] = (await attempt()) ?? "accepted";
  } catch (error) {
    seen.outcomes[name] = codeOf(error);
  }
}

// What only a plain request can send, for the library is too careful to.
async function askToken(fields) {
  const now = Math.floor(Date.now() / 1000) + asked.skew;
  const assertion = await new SignJWT({})
    .setProtectedHeader({ alg: asked.alg, kid: asked.jwk.kid })
    .setIssuer(asked.client_id)
    .setSubject(asked.client_id)
    .setAudience(server.issuer)
    .setJti(client.randomState())
    .setIssuedAt(now)
    .setExpirationTime(now + 60)
    .sign(key);
  const body = new URLSearchParams({
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion,
    ...fields,
  });
  const answer = await fetch(server.token_endpoint, { method: "POST", body });
  return (await answer.json()).error ?? "accepted";
}

// --- the login ---

const { ended, checks, tokens } = await logIn({});
const claims = tokens.claims();
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub, options);
seen.callback = [...new URL(ended.address).searchParams.keys()].sort();
seen.token_type = tokens.token_type;
seen.token_members = Object.keys(tokens).sort();
seen.scope = tokens.scope;
seen.id_token = claims;
seen.id_token_header = JSON.parse(Buffer.from(tokens.id_token.split(".")[0], "base64url"));
seen.userinfo = userinfo;
seen.metadata = server;

const bearer = strict ? "dpop" : "bearer";
const asUser = (method, headers, body, query = "") =>
  fetch(server.userinfo_endpoint + query, { method, headers, body }).then(
    async (answer) => (answer.ok ? "accepted" : `${answer.status} ${await told(answer)}`.trim()));
const told = async (answer) => {
  const header = answer.headers.get("www-authenticate") ?? "";
  return /error="([^"]*)"/.exec(header)?.[1] ?? "";
};

if (!strict) {
  await outcome("UserInfo by POST, token in the header", () =>
    asUser("POST", { authorization: `Bearer ${tokens.access_token}` }));
  await outcome("UserInfo by POST, token in the body", () =>
    asUser("POST", {}, new URLSearchParams({ access_token: tokens.access_token })));
  await outcome("UserInfo, token in the query", () =>
    asUser("GET", {}, undefined, `?access_token=${tokens.access_token}`));
} else {
  await outcome("a DPoP token as a bearer token", () =>
    asUser("GET", { authorization: `Bearer ${tokens.access_token}` }));
  await outcome("a DPoP token with another key's proof", async () => {
    const other = { DPoP: client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256")) };
    await client.fetchUserInfo(config, tokens.access_token, claims.sub, other);
  });
}
await outcome("UserInfo with a made-up token", () =>
  asUser("GET", { authorization: `${strict ? "DPoP" : "Bearer"} made-up` }));

// --- refreshing ---

if (tokens.refresh_token) {
  const again = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, options);
  seen.refreshed = {
    rotated: again.refresh_token !== undefined && again.refresh_token !== tokens.refresh_token,
    scope: again.scope,
    id_token: again.claims() ? Object.keys(again.claims()).sort() : null,
    same_subject: again.claims()?.sub === claims.sub,
    userinfo: Object.keys(await client.fetchUserInfo(config, again.access_token, claims.sub, options)).sort(),
  };
  if (strict) {
    await outcome("refreshing with another DPoP key", async () => {
      const other = { DPoP: client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256")) };
      await client.refreshTokenGrant(config, again.refresh_token ?? tokens.refresh_token, undefined, other);
    });
  }
  await outcome("a refresh token again", async () => {
    await client.refreshTokenGrant(config, tokens.refresh_token, undefined, options);
  });
  await outcome("the tokens of a refresh token that came twice", async () => {
    await client.fetchUserInfo(config, again.access_token, claims.sub, options);
  });
}

// --- what must be refused ---

await outcome("a code again", async () => { await redeem(ended, checks); });
await outcome("the tokens of a code that came twice", async () => {
  const second = await logIn({});
  await redeem(second.ended, second.checks).catch(() => {});
  await client.fetchUserInfo(config, second.tokens.access_token, second.tokens.claims().sub, options);
});
await outcome("another verifier", async () => {
  const begun = await begin();
  await redeem(await visit(begun.address), { ...begun.checks, pkceCodeVerifier: client.randomPKCECodeVerifier() });
});
if (strict) {
  await outcome("a code without a proof", async () => {
    const begun = await begin();
    await redeem(await visit(begun.address), begun.checks, {});
  });
  await outcome("a pushed request again, after it was used", async () => {
    const { address } = await begin();
    await visit(address);
    return ending(await visit(address));
  });
  await outcome("a request that was not pushed", async () => {
    const address = client.buildAuthorizationUrl(config, {
      redirect_uri: asked.redirect_uri, scope: asked.scope, state: "s", code_challenge_method: "S256",
      code_challenge: await client.calculatePKCECodeChallenge(client.randomPKCECodeVerifier()),
    });
    return ending(await visit(address));
  });
}
const requested = async (changes) => {
  const { address } = await begin(changes);
  return ending(await visit(address));
};
const changes = {
  "no PKCE": { code_challenge: null, code_challenge_method: null },
  "PKCE by plain": { code_challenge_method: "plain" },
  "no state": { state: null },
  "no nonce": { nonce: null },
  "a scope that is not offered": { scope: "openid email" },
  "no openid among the scopes": { scope: "name" },
  "the implicit flow": { response_type: "id_token" },
  "prompt=none without a login": { prompt: "none" },
  "an address that is not registered": { redirect_uri: "http://localhost:1/elsewhere" },
  "a request object": { request: "eyJhbGciOiJub25lIn0.e30." },
  "a parameter nobody knows": { something: "else" },
};
for (const [name, change] of Object.entries(changes)) await outcome(name, () => requested(change));
await outcome("no grant type", () => askToken({}));
await outcome("a grant type nobody offers", () => askToken({ grant_type: "password", username: "a", password: "b" }));
await outcome("a code nobody gave", () =>
  askToken({ grant_type: "authorization_code", code: "x", redirect_uri: asked.redirect_uri, code_verifier: "v".repeat(43) }));
await outcome("a client secret", async () => {
  const body = new URLSearchParams({ grant_type: "authorization_code", client_id: asked.client_id, client_secret: "s" });
  return (await (await fetch(server.token_endpoint, { method: "POST", body })).json()).error;
});

console.log(JSON.stringify({ seen }));
process.exit(0);
