"""What each rule asks of a client, and how to mend it, in two languages; the rules themselves are the engine's."""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["WORDS", "Words"]


@dataclass(frozen=True, slots=True)
class Words:
    """One rule: what it asks for, and what to change where it is broken."""

    asks: str
    asks_en: str
    mend: str
    mend_en: str


_CLIENT_ID = Words(
    "client_id が登録されたIDの形をしている",
    "client_id has the form of an id",
    "コンソールに表示された RP で始まるIDを client_id にそのまま入れてください。",
    "Send the id that this console shows, RP and digits, as client_id, once.",
)
_KNOWN = Words(
    "client_id のクライアントが登録されている",
    "the client is registered here",
    "IDの写し間違いか、別の環境のIDです。この町に登録したIDに直してください。",
    "The id is mistyped or of another environment: use the one registered in this town.",
)
_ACTIVE = Words(
    "クライアントが停止されていない",
    "the client is not suspended",
    "登録が停止されています。登録し直してください。",
    "The registration is suspended: register again.",
)
_JWT = Words(
    "client_assertion が署名付きJWTである",
    "client_assertion is a signed JWT",
    "ヘッダー.クレーム.署名 の形のJWS（コンパクト形式）を送ってください。crit と b64 は使えません。",
    "Send a compact JWS, header.claims.signature, whose claims are a JSON object; no crit, no b64.",
)
_VALUES: Mapping[str, tuple[str, str, str, str]] = {
    "request_uri": (
        "request_uri が有効な参照である",
        "request_uri refers to a pushed request of this client",
        "PARの応答の request_uri を、期限内に一度だけ使ってください。PARそのものには request_uri を入れません。",
        "Use the request_uri of the PAR answer once and in time; a pushed request itself has none.",
    ),
    "redirect_uri": (
        "redirect_uri が登録したものと一文字も違わない",
        "redirect_uri is a registered one, character by character",
        "末尾の / 、ポート、http と https まで同じにするか、コンソールでこのURIを登録してください。",
        "Make it equal to a registered one (slash at the end, port, scheme), or register this one in the console.",
    ),
    "push_offered": (
        "PARを受け付けるプロバイダーに送っている",
        "the provider takes pushed requests",
        "このプロバイダーにPARはありません。認可リクエストはブラウザーで authorization_endpoint に送ってください。",
        "There is no PAR here: send the browser to authorization_endpoint with the parameters.",
    ),
    "pushed": (
        "認可リクエストを先にPARで送っている",
        "the request was pushed first",
        "pushed_authorization_request_endpoint に送り、返った request_uri でブラウザーを移してください。",
        "Send the parameters to pushed_authorization_request_endpoint and the browser with the request_uri you get.",
    ),
    "supported": (
        "対応していないパラメーターを使っていない",
        "nothing is asked for that is not supported",
        "request、request_uri、registration、prompt=none を外してください。ログインには毎回カードが要ります。",
        "Leave out request, request_uri, registration and prompt=none: each login needs the card.",
    ),
    "response_type": (
        "response_type が code である",
        "response_type is code",
        "response_type=code にしてください（認可コードフローだけです）。",
        "Send response_type=code: there is the code flow only.",
    ),
    "state": (
        "state がある（1〜255文字の印字可能なASCII）",
        "there is a state of 1 to 255 printable ASCII characters",
        "ログインごとに推測できない値をつくり、セッションに置き、コールバックで比べてください。",
        "Make one that nobody guesses for each login, keep it in the session, compare it at the callback.",
    ),
    "nonce": (
        "nonce がある（1〜255文字の印字可能なASCII）",
        "there is a nonce of 1 to 255 printable ASCII characters",
        "ログインごとに推測できない値をつくり、IDトークンの nonce と比べてください。",
        "Make one that nobody guesses for each login and compare it with the ID token's nonce.",
    ),
    "code_challenge": (
        "code_challenge がある（base64url）",
        "there is a code_challenge in base64url",
        "code_verifier のSHA-256を、パディングなしのbase64urlで送ってください（43文字）。",
        "Send base64url without padding of the verifier's SHA-256: 43 characters.",
    ),
    "code_challenge_method": (
        "code_challenge_method が S256 である",
        "code_challenge_method is S256",
        "code_challenge_method=S256 を明示してください。省略すると plain の意味になります。",
        "Say code_challenge_method=S256: left out, it means plain.",
    ),
    "scope": (
        "scope に openid があり、使えるものだけである",
        "scope has openid, and nothing that is not offered",
        "openid と、name address birthdate gender（署名では sign）から空白区切りで選んでください。",
        "Choose among openid (always), name, address, birthdate, gender, and sign for signing; blanks between.",
    ),
    "acr_values": (
        "acr_values が読める",
        "acr_values can be read",
        "例: aal3 crl。印字可能なASCIIで255文字までです。",
        "For example: aal3 crl. Printable ASCII, at most 255 characters.",
    ),
    "response_mode": (
        "response_mode が使えるものである",
        "response_mode is one that is offered",
        "省略するか、メタデータの response_modes_supported から選んでください。",
        "Leave it out, or choose among the metadata's response_modes_supported.",
    ),
    "dpop_jkt": (
        "dpop_jkt が鍵のサムプリントの形をしている",
        "dpop_jkt looks like a key's thumbprint",
        "JWKサムプリント（RFC 7638）をbase64urlで送ってください（43文字）。",
        "Send the JWK thumbprint (RFC 7638) in base64url: 43 characters.",
    ),
    "sign_transaction_id": (
        "sign_transaction_id がUUIDの形をしている",
        "sign_transaction_id looks like a UUID",
        "POST /api/sign-transactions の応答の id を入れてください。",
        "Send the id that POST /api/sign-transactions answered.",
    ),
    "signing": (
        "scope の sign と sign_transaction_id が揃い、取引が有効である",
        "scope sign and a transaction of this client that waits come together",
        "署名するときは両方、しないときは両方とも外してください。取引は一度だけ、期限内に使えます。",
        "Send both to have something signed, else neither; a transaction is good once and in time.",
    ),
    "form": (
        "パラメーターがフォーム形式で送られている",
        "the parameters are form-encoded",
        "JSONではなくフォームで送り、値をURLエンコードしてください。",
        "Send a form, not JSON, with each value percent-encoded as UTF-8.",
    ),
    "one_way": (
        "クライアントが一つの方法だけで認証している",
        "the client authenticates in one way",
        "client_assertion を送るときは Authorization ヘッダーを外してください（client_secret_basic は使いません）。",
        "Leave the Authorization header out where there is a client_assertion (no client_secret_basic).",
    ),
    "grant_named": (
        "本文に grant_type がある",
        "the body has grant_type",
        "パラメーターはURLのクエリではなく、POSTの本文に入れてください。",
        "Put the parameters into the body of the POST, not into the query of the address.",
    ),
    "assertion_type": (
        "client_assertion_type が jwt-bearer である",
        "client_assertion_type is that of jwt-bearer",
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer を送ってください。client_secret は使えません。",
        "Send urn:ietf:params:oauth:client-assertion-type:jwt-bearer; there are no client secrets here.",
    ),
    "assertion_given": (
        "client_assertion がある",
        "there is a client_assertion",
        "ライブラリーのクライアント認証を private_key_jwt にしてください。",
        "Set your library's client authentication to private_key_jwt.",
    ),
    "assertion_issuer": (
        "アサーションの iss がクライアントIDの形をしている",
        "iss of the assertion looks like a client id",
        "iss に client_id を入れてください。",
        "Set iss to the client id.",
    ),
    "assertion_algorithm": (
        "アサーションの alg が使えるものである",
        "alg of the assertion is accepted here",
        "RS256 か ES256 で署名してください（FAPI 2.0 では ES256 か PS256）。none と HS256 は拒まれます。",
        "Sign with RS256 or ES256 (ES256 or PS256 under FAPI 2.0); none and HS256 are refused.",
    ),
    "assertion_signature": (
        "署名が登録した公開鍵で検証できる",
        "the signature verifies under a registered key",
        "登録したJWKSと対になる秘密鍵で署名し、kid は登録したものにするか外してください。alg と鍵の種類も合わせます。",
        "Sign with the private key of the registered JWKS; kid is a registered one or left out; alg fits the key.",
    ),
    "assertion_parties": (
        "iss と sub が両方ともクライアントIDである",
        "iss and sub are both the client id",
        "iss = sub = client_id にしてください。",
        "Set iss = sub = client_id.",
    ),
    "assertion_audience": (
        "aud がこのプロバイダーのトークンエンドポイントである",
        "aud is this provider's token endpoint",
        "aud にメタデータの token_endpoint を入れてください（FAPI 2.0 では issuer を文字列で）。",
        "Set aud to the metadata's token_endpoint (under FAPI 2.0 to the issuer, as one string).",
    ),
    "assertion_expiry": (
        "exp があり、近い未来である",
        "there is an exp, soon and not past",
        "exp を今から1分後ほどの秒数（ミリ秒ではない）にし、時計を合わせてください。",
        "Set exp to about a minute from now, in seconds (not milliseconds), and set the clock.",
    ),
    "assertion_begun": (
        "iat と nbf が未来でない",
        "iat and nbf are not in the future",
        "サーバーの時計を合わせ、秒で入れてください。",
        "Set the server's clock right, and give seconds.",
    ),
    "assertion_jti": (
        "jti がある（1〜255文字）",
        "there is a jti of 1 to 255 characters",
        "毎回新しい推測できない値を jti に入れてください。",
        "Put a new value that nobody guesses into jti each time.",
    ),
    "assertion_once": (
        "同じアサーションを二度使っていない",
        "the assertion was not used before",
        "リクエストごとに新しいアサーションをつくってください。再送でも同じです。",
        "Make a new assertion for each request, also when you try again.",
    ),
    "same_client": (
        "client_id がアサーションの iss と同じである",
        "client_id is the assertion's issuer",
        "本文の client_id を外すか、iss と同じにしてください。",
        "Leave client_id out of the body, or make it equal to iss.",
    ),
    "proof": (
        "DPoP証明が正しい",
        "the DPoP proof is right",
        "typ=dpop+jwt、htm、htu、iat、jti（とトークンを使うときは ath）を確かめてください。",
        "Look at typ=dpop+jwt, htm, htu, iat, jti, and ath where a token is used.",
    ),
    "proof_once": (
        "同じDPoP証明を二度使っていない",
        "the proof was not used before",
        "リクエストごとに新しい証明をつくってください。",
        "Make a new proof for each request.",
    ),
    "proof_required": (
        "DPoP証明がある",
        "there is a DPoP proof",
        "DPoPヘッダーを付けてください。",
        "Send a DPoP header.",
    ),
    "grant_type": (
        "grant_type が使えるものである",
        "grant_type is one that is offered",
        "authorization_code、refresh_token、署名APIでは client_credentials だけです。",
        "authorization_code, refresh_token, and for the signing API client_credentials are all there is.",
    ),
    "verifier_form": (
        "code_verifier がある（43〜128文字）",
        "there is a code_verifier of 43 to 128 characters",
        "32バイトの乱数のbase64url（43文字）をセッションに置き、ここで送ってください。",
        "Keep base64url of 32 random bytes (43 characters) in the session and send it here.",
    ),
    "code_form": (
        "code がある",
        "there is a code",
        "コールバックの code をURLデコードしてそのまま送ってください。",
        "Send the callback's code as it is, percent-decoded once.",
    ),
    "redirect_uri_form": (
        "redirect_uri がある",
        "there is a redirect_uri",
        "認可リクエストと同じ redirect_uri をもう一度送ってください。",
        "Send the redirect_uri of the authorization request again.",
    ),
    "code_known": (
        "code がこのプロバイダーの出したものである",
        "the code is one that this provider gave out",
        "別の発行者の code ではないか確かめてください。client doctor はわざと無効な値を送ります。",
        "Look whether it is of another issuer (sandbox or provider). 'client doctor' sends a wrong one on purpose.",
    ),
    "code_once": (
        "code を一度しか使っていない",
        "the code is used once",
        "コールバックの再読み込みで再送しないでください。二度目の使用で発行済みのトークンも取り消されます。",
        "Do not send it again when the callback is reloaded: a second use takes back the tokens, too.",
    ),
    "code_client": (
        "code がこのクライアントのものである",
        "the code is this client's",
        "認可リクエストと同じ client_id の鍵で送ってください。",
        "Authenticate as the client that sent the authorization request.",
    ),
    "code_redirect_uri": (
        "redirect_uri が認可リクエストと同じである",
        "redirect_uri is that of the authorization request",
        "一文字も違わないようにしてください。",
        "Make it equal, character by character.",
    ),
    "code_verifier": (
        "code_verifier が code_challenge と合う",
        "code_verifier fits code_challenge",
        "このログインの code_verifier をセッションから取り出してください。別のタブのものと混ざりやすい値です。",
        "Take this login's verifier from the session; those of two tabs are easily mixed up.",
    ),
    "code_expiry": (
        "code が期限内である（1分）",
        "the code is used in time (a minute)",
        "コールバックですぐに引き換えてください。",
        "Exchange it at once, in the callback.",
    ),
    "code_key": (
        "DPoPの鍵が認可リクエストと同じである",
        "the DPoP key is that of the authorization request",
        "認可リクエスト（PAR）と同じ鍵で証明をつくってください。",
        "Use the key with which the request was pushed.",
    ),
    "refresh_form": (
        "refresh_token がある",
        "there is a refresh_token",
        "直前の応答の refresh_token を送ってください。",
        "Send the refresh_token of the last answer.",
    ),
    "refresh_known": (
        "refresh_token がこのプロバイダーの出したものである",
        "the refresh token is one that this provider gave out",
        "取り消されたか、別の発行者のものです。ログインからやり直してください。",
        "It was taken back or is another issuer's: log in again.",
    ),
    "refresh_once": (
        "refresh_token を一度しか使っていない",
        "the refresh token is used once",
        "応答で受け取る新しい refresh_token に必ず置き換えてください。",
        "Replace it by the new one that each answer has.",
    ),
    "refresh_client": (
        "refresh_token がこのクライアントのものである",
        "the refresh token is this client's",
        "ログインしたときと同じクライアントで送ってください。",
        "Authenticate as the client of the login.",
    ),
    "refresh_expiry": (
        "refresh_token が期限内である",
        "the refresh token has not expired",
        "ログインからやり直してください。",
        "Log in again.",
    ),
    "refresh_scope": (
        "scope が同意の範囲内である",
        "scope is within what was granted",
        "scope を外すか、openid を含む同意済みのものだけにしてください。",
        "Leave scope out, or ask for openid and nothing that was not granted.",
    ),
    "service_client": (
        "クライアントが署名APIを使える",
        "the client may use the signing API",
        "scope sign と、プラットフォーム事業者の鍵（operator_jwks）の登録が要ります。",
        "Its registration needs scope sign and an operator's keys (operator_jwks).",
    ),
    "service_scope": (
        "scope が署名APIのものである",
        "scope is that of the signing API",
        "scope を外してください。",
        "Leave scope out.",
    ),
    "token_presented": (
        "Authorization ヘッダーに Bearer トークンがある",
        "the Authorization header shows a Bearer token",
        "Authorization: Bearer トークン を一つだけ送ってください。クエリや本文には入れません。",
        "Send Authorization: Bearer TOKEN, once; not in the query or the body.",
    ),
    "token_usable": (
        "アクセストークンが有効である",
        "the access token is known, in time and not taken back",
        "5分で切れます。IDトークンや client_credentials のものではなく、このログインの access_token を使ってください。",
        "It lasts five minutes. Use this login's access_token, not an ID token nor a client_credentials token.",
    ),
    "token_holder": (
        "トークンを鍵の持ち主が使っている",
        "the token is used by the holder of its key",
        "DPoPのトークンは DPoP スキームと証明で、そうでないものは Bearer で送ってください。",
        "Show a DPoP token with the scheme DPoP and a proof, any other one as Bearer.",
    ),
    "json_body": (
        "本文がJSONである",
        "the body says to be JSON",
        "content-type: application/json を付けてください。",
        "Send content-type: application/json.",
    ),
    "service_token": (
        "アクセストークンが client_credentials のものである",
        "the token is the client's own",
        "ログインのトークンではなく、grant_type=client_credentials で得たトークンを使ってください。",
        "Use the token of grant_type=client_credentials, not that of a login.",
    ),
    "digest": (
        "digest がSHA-256の値か DigestInfo である",
        "digest is a SHA-256 value or a DigestInfo",
        '{"digest": "標準base64"} だけを送ってください。中身は32バイト、またはDERのDigestInfo（51バイト）です。',
        'Send {"digest": "standard base64"} alone: of 32 bytes, or of a DER DigestInfo (51 bytes).',
    ),
    "signing_login": (
        "署名を伴うログインのトークンである",
        "the token is of a login with signing",
        "scope に sign を入れたログインのトークンを使ってください。",
        "Use the token of a login that had scope sign.",
    ),
    "own_transaction": (
        "取引がこのログインで署名されたものである",
        "the transaction was signed in this login",
        "そのログインの認可リクエストに入れた sign_transaction_id を使ってください。",
        "Ask for the sign_transaction_id of that login's authorization request.",
    ),
    "result": (
        "結果がまだ残っている",
        "the result still waits",
        "ログインの直後に受け取ってください。",
        "Fetch it right after the login.",
    ),
}

WORDS: Mapping[str, Words] = {
    "client_id": _CLIENT_ID,
    "client_registered": _KNOWN,
    "assertion_client": _KNOWN,
    "client_active": _ACTIVE,
    "assertion_jwt": _JWT,
    **{name: Words(*told) for name, told in _VALUES.items()},
}
"""The words for each rule of the engine, by its name."""
