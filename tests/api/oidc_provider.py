"""A provider of OpenID Connect that does as it is told, also what is wrong; over real HTTP."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "steun", "een-geheim-van-de-aanbieder"
KEY = RSAKey.generate_key(2048, {"use": "sig"})
OTHER = RSAKey.generate_key(2048, {"use": "sig"})
BACK_CHANNEL = "http://schemas.openid.net/event/backchannel-logout"


@dataclass
class Strange:
    """What the provider says of who logs in, and what it does wrong."""

    issuer: str = ""
    clock: Any = None
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "4711"})
    userinfo: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    #: With what somebody proves that it is them, where it is no secret: a key set that they publish.
    client_keys: Any = None
    used: set[str] = field(default_factory=set)
    key: RSAKey = field(default_factory=lambda: KEY)
    keys: tuple[RSAKey, ...] = (KEY,)
    algorithm: str = "RS256"
    status: int = 200
    hangs: threading.Event | None = None
    asked: dict[str, str] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)

    def id_token(self, **changes: Any) -> str:
        at = int(self.clock().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": at,
            "exp": at + 300,
            "nonce": self.asked.get("nonce"),
            **self.claims,
        }
        claims = {name: value for name, value in {**claims, **changes}.items() if value is not None}
        if self.algorithm in ("none", "HS256"):  # with what anybody can read: nothing, or the public key
            parts = (json.dumps(one).encode() for one in ({"alg": self.algorithm}, claims))
            text = b".".join(base64.urlsafe_b64encode(one).rstrip(b"=") for one in parts)
            made = hmac.digest(KEY.as_pem(private=False), text, "sha256") if self.algorithm == "HS256" else b""
            return (text + b"." + base64.urlsafe_b64encode(made).rstrip(b"=")).decode()
        return jwt.encode({"alg": self.algorithm, "kid": self.key.thumbprint()}, claims, self.key)

    def logout_token(self, **changes: Any) -> str:
        at = int(self.clock().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": at,
            "exp": at + 120,
            "jti": "een",
            "events": {BACK_CHANNEL: {}},
        }
        claims = {name: value for name, value in {**claims, **changes}.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": self.key.thumbprint()}, claims, self.key)

    def answer(self, path: str, sent: dict[str, str], headers: Any) -> tuple[int, Any]:
        if path.endswith("openid-configuration"):
            return 200, {
                "issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", "token_endpoint": f"{self.issuer}/token",
                "authorization_endpoint": f"{self.issuer}/auth", "userinfo_endpoint": f"{self.issuer}/me",
                "end_session_endpoint": f"{self.issuer}/bye", **self.metadata,
            }  # fmt: skip
        if path == "/keys":
            return 200, {"keys": [{**key.as_dict(private=False), "kid": key.thumbprint()} for key in self.keys]}
        if path == "/me":
            return 200, {"sub": self.claims["sub"], **self.userinfo}
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        proved = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest()).decode().rstrip("=")
        right = (
            (headers["Authorization"] == f"Basic {basic}" if self.client_keys is None else self._is_signed(sent))
            and proved == self.asked["code_challenge"]
            and sent["code"] == "c"
        )
        if not right:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "t", "token_type": "Bearer", "id_token": self.id_token()}

    def _is_signed(self, sent: dict[str, str]) -> bool:
        """RFC 7523, 3: by the client, of itself, for us, now and once."""
        signed = jwt.decode(sent["client_assertion"], KeySet.import_key_set(self.client_keys()), algorithms=self.takes)
        at, claims = int(self.clock().timestamp()), signed.claims
        once = claims["jti"] not in self.used
        self.used.add(claims["jti"])
        return (
            once
            and sent["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            and claims["iss"] == claims["sub"] == CLIENT
            and claims["aud"] == f"{self.issuer}/token"
            and claims["iat"] <= at < claims["exp"] <= at + 300
        )

    @property
    def takes(self) -> list[str]:
        return self.metadata["token_endpoint_auth_signing_alg_values_supported"]


@contextmanager
def serving(clock: Any) -> Iterator[Strange]:
    strange = Strange(clock=clock)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self._answer({name: values[0] for name, values in sent.items()})

        def _answer(self, sent: dict[str, str]) -> None:
            path = urlsplit(self.path).path
            strange.paths.append(path)
            if strange.hangs is not None:
                strange.hangs.wait(60)
                return
            status, body = strange.answer(path, sent, self.headers)
            content = json.dumps(body).encode()
            self.send_response(status if strange.status == 200 else strange.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    strange.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield strange
    finally:
        if strange.hangs is not None:
            strange.hangs.set()
        server.shutdown()
        thread.join()
        server.server_close()
