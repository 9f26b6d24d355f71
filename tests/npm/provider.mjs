// npm oidc-provider, configured to offer what the provider of the tests offers; whoever comes is logged in at once.
//
// First line of stdin: port, client and profile. "ready" on stdout when it listens; it ends when its stdin does.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import * as readline from "node:readline";
import { exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";

const lines = readline.createInterface({ input: process.stdin });
const asked = JSON.parse((await lines[Symbol.asyncIterator]().next()).value);
const strict = asked.profile === "fapi2";
const { privateKey } = await generateKeyPair("ES256", { extractable: true });
const signing = { ...(await exportJWK(privateKey)), alg: "ES256", use: "sig", kid: "provider" };
const holder = { name: "割符　花子", address: "割符県見本市", birthdate: "19900101", gender: "2" };

const provider = new Provider(asked.issuer, {
  jwks: { keys: [signing] },
  cookies: { keys: ["a secret of this run"] },
  clients: [
    {
      client_id: asked.client_id,
      redirect_uris: [asked.redirect_uri],
      jwks: asked.jwks,
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_signing_alg: asked.alg,
      id_token_signed_response_alg: "ES256",
      subject_type: "pairwise",
      ...(strict ? { dpop_bound_access_tokens: true, require_pushed_authorization_requests: true } : {}),
      ...(strict ? { authorization_signed_response_alg: "ES256" } : {}),
    },
  ],
  subjectTypes: ["pairwise"],
  pairwiseIdentifier: (_context, account, client) =>
    createHash("sha256").update(`${client.clientId} ${account}`).digest("hex"),
  findAccount: (_context, id) => ({ accountId: id, claims: async () => ({ sub: id, ...holder }) }),
  scopes: ["openid"],
  claims: { openid: ["sub"], name: ["name"], address: ["address"], birthdate: ["birthdate"], gender: ["gender"] },
  acrValues: ["aal3"],
  pkce: { required: () => true },
  responseTypes: ["code"],
  clientAuthMethods: ["private_key_jwt"],
  issueRefreshToken: async () => true,
  rotateRefreshToken: !strict,
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    dPoP: { enabled: strict },
    pushedAuthorizationRequests: { enabled: strict, requirePushedAuthorizationRequests: strict },
    jwtResponseModes: { enabled: strict },
    fapi: { enabled: strict, profile: "2.0" },
  },
  enabledJWA: {
    idTokenSigningAlgValues: ["ES256"],
    authorizationSigningAlgValues: ["ES256"],
    dPoPSigningAlgValues: ["ES256", "PS256"],
    clientAuthSigningAlgValues: strict ? ["ES256", "PS256"] : ["RS256", "ES256"],
  },
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  // Whoever logs in agrees to all that was asked for.
  loadExistingGrant: async (context) => {
    const grant = new context.oidc.provider.Grant({
      clientId: context.oidc.client.clientId,
      accountId: context.oidc.session.accountId,
    });
    grant.addOIDCScope(context.oidc.params.scope);
    await grant.save();
    return grant;
  },
});

const answer = provider.callback();
createServer(async (request, response) => {
  if (!request.url.startsWith("/interaction/")) return answer(request, response);
  const login = { accountId: "somebody", acr: "aal3", amr: ["mfa", "sc", "pin"] };
  return provider.interactionFinished(request, response, { login });
}).listen(asked.port, "127.0.0.1", () => console.log("ready"));
lines.on("close", () => process.exit(0));
