"""Who lets people in besides us: providers of OpenID Connect, as the operator wrote them down, and talking with one.

Only what is signed by a key of the provider, for us, for this very attempt, counts. Nothing is asked of a provider while a
transaction is open, and who answers slowly or strangely is given up on.
"""

from __future__ import annotations

import json
import re
import threading
import time
import tomllib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from authlib.oauth2.client import OAuth2Client
from authlib.oauth2.rfc7523.assertion import private_key_jwt_sign
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from api.saying import Said

#: Seconds for one thing that is asked of a provider, and how many bytes of an answer are read.
PATIENCE = 5.0
_LONGEST = 200_000
#: How long what a provider says about itself is believed, and how long one that is away is left alone.
_KNOWN_FOR, _AWAY_FOR = 3600.0, 10.0
#: Keys are fetched anew for one that is not known, so often at most.
_KEYS_EVERY = 30.0
#: Seconds that the clock of a provider and ours may differ.
SKEW = 120
#: How many seconds ago is now, for who logs in anew: with 0 some providers ask forever, for the answer is always older. It
#: also makes them say when it was.
_JUST_NOW = 60
#: Only signatures that nobody can make who knows what we know.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
#: How we sign, by the kind of our key; the first that the provider says it takes, or else the first.
_SIGNED: Mapping[str, tuple[str, ...]] = {
    "RSA": ("RS256", "PS256"), "P-256": ("ES256",), "P-384": ("ES384",), "P-521": ("ES512",), "Ed25519": ("Ed25519", "EdDSA"),
}  # fmt: skip
#: Seconds that what we sign for the provider holds.
_PROOF_FOR = 60
_BACK_CHANNEL = "http://schemas.openid.net/event/backchannel-logout"


class ProviderAway(Exception):
    """The provider cannot be asked now."""


class ProviderRefused(Exception):
    """What came from the provider, or back with the browser, does not count; ``reason`` says why, in a word for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Rule:
    """Who has *value* in *claim* works here for *organisation* (name or id) in *role*."""

    claim: str
    value: str
    organisation: str
    role: str
    municipalities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider, as the operator wrote it down.

    Args:
        acr: one of these is demanded at every log-in; none: it is not looked at.
        second_factor_acr, second_factor_amr: with one of these the log-in counts as confirmed with a second factor.
        max_age: seconds that the log-in at the provider may be old; 0: any.
        just_in_time: who is not known here gets an account, when a rule gives a role.
        login_claim: who is known here by a login that is this claim, and has a role at an organisation of the rules, goes on as
            that account from the first time on; empty: nobody.
        private_key: signs who we are (``private_key_jwt``), in place of a secret that the provider knows too.
    """

    code: str
    name: str
    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    scopes: tuple[str, ...] = ("openid", "profile")
    acr: tuple[str, ...] = ()
    second_factor_acr: tuple[str, ...] = ()
    second_factor_amr: tuple[str, ...] = ()
    max_age: int = 0
    just_in_time: bool = False
    login_claim: str = ""
    rules: tuple[Rule, ...] = ()
    private_key: RSAKey | ECKey | OKPKey | None = field(default=None, repr=False, compare=False)

    @property
    def public_keys(self) -> dict[str, Any]:
        """With which keys the provider finds out that it is us: a JSON Web Key Set, empty where a secret is shared."""
        if self.private_key is None:
            return {"keys": []}
        key = self.private_key
        return {"keys": [{**key.as_dict(private=False), "kid": key.thumbprint(), "use": "sig"}]}


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider vouches for, of one log-in."""

    subject: str
    name: str
    claims: Mapping[str, Any]
    second_factor: bool
    nonce: str
    session: str | None = None
    #: The provider says that it asked somebody who they are a moment ago; else it may only have remembered this browser.
    asked: bool = False

    def login(self, provider: Provider) -> str | None:
        """By which login this person may be known here."""
        found = self.claims.get(provider.login_claim) if provider.login_claim else None
        return found if isinstance(found, str) and found else None

    def rules(self, provider: Provider) -> tuple[Rule, ...]:
        """Which rules hold for this person."""
        return tuple(rule for rule in provider.rules if rule.value in _words(self.claims.get(rule.claim)))


@dataclass(frozen=True, slots=True)
class Ended:
    """A provider says that somebody logged out there."""

    subject: str | None
    session: str | None
    token_id: str


# --- what the operator wrote down

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,38}\Z")


class ProvidersWrong(ValueError):
    """The file cannot be used; ``wrong`` is everything that has to be changed, in Dutch."""

    def __init__(self, *wrong: Said) -> None:
        super().__init__("; ".join(wrong))
        self.wrong = wrong


def read(path: str) -> tuple[Provider, ...]:
    """The providers of a file.

    Raises:
        ProvidersWrong: with everything that is wrong with it.
    """
    if not path:
        return ()
    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError:
        raise ProvidersWrong(Said("dit bestand is niet te lezen")) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProvidersWrong(Said("dit is geen TOML: {error}", error=error)) from None
    wrong: list[Said] = []
    given = content.get("provider")
    if not isinstance(given, list) or set(content) != {"provider"}:
        raise ProvidersWrong(Said("schrijf elke aanbieder onder [[provider]]"))
    found = [_provider(one, place, wrong) for place, one in enumerate(given, start=1)]
    for name in ("code", "issuer"):
        values = [getattr(one, name) for one in found]
        wrong += [
            Said("{name} {value!r} staat er twee keer", name=name, value=value)
            for value in sorted({v for v in values if values.count(v) > 1})
        ]
    if wrong:
        raise ProvidersWrong(*wrong)
    return tuple(found)


_TEXTS = (
    "code",
    "name",
    "issuer",
    "client_id",
    "client_secret",
    "client_secret_file",
    "private_key_file",
    "login_claim",
)
_LISTS = ("scopes", "acr", "second_factor_acr", "second_factor_amr")
_RULE = {"claim", "value", "organisation", "role", "municipalities"}


def _provider(given: Any, place: int, wrong: list[Said]) -> Provider:
    one = dict(given) if isinstance(given, dict) else {}
    code = one.get("code")
    where = Said("aanbieder {which}", which=code if isinstance(code, str) else place)
    rules = one.pop("rule", [])
    known = {*_TEXTS, *_LISTS, "max_age", "just_in_time"}
    wrong += [Said("{where}: {name} kennen we niet", where=where, name=name) for name in sorted(set(one) - known)]
    for name in _TEXTS:
        if not isinstance(one.get(name, ""), str) or (name in _TEXTS[:4] and not one.get(name)):
            wrong.append(Said("{where}: {name} ontbreekt of is geen tekst", where=where, name=name))
            one[name] = ""
    for name in _LISTS:
        if not (isinstance(one.get(name, []), list) and all(isinstance(text, str) for text in one.get(name, []))):
            wrong.append(Said("{where}: {name} is geen lijst van teksten", where=where, name=name))
            one[name] = []
    if not _CODE.match(str(one.get("code", ""))):
        wrong.append(
            Said(
                "{where}: code heeft alleen kleine letters, cijfers en streepjes, want hij staat in een adres",
                where=where,
            )
        )
    if not _is_safe(str(one.get("issuer", ""))):
        wrong.append(Said("{where}: issuer begint met https:// en heeft geen vraagteken of hekje", where=where))
    secret = str(one.pop("client_secret", ""))
    if file := one.pop("client_secret_file", ""):
        try:
            secret = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            wrong.append(Said("{where}: client_secret_file is niet te lezen", where=where))
    private_key = None
    if file := one.pop("private_key_file", ""):
        private_key = _private_key(file)
        if private_key is None:
            wrong.append(
                Said(
                    "{where}: private_key_file is geen geheime sleutel (RSA vanaf 2048 bits, EC of Ed25519; PEM of JWK)",
                    where=where,
                )
            )
        if secret:
            wrong.append(Said("{where}: kies een geheim of een sleutel (private_key_file), niet allebei", where=where))
    max_age = one.get("max_age", 0)
    if isinstance(max_age, bool) or not isinstance(max_age, int) or max_age < 0:
        wrong.append(Said("{where}: max_age is een aantal seconden", where=where))
        max_age = 0
    if not isinstance(one.get("just_in_time", False), bool):
        wrong.append(Said("{where}: just_in_time is true of false", where=where))
    made = []
    for rule in rules if isinstance(rules, list) else [{}]:
        given_ = rule if isinstance(rule, dict) else {}
        texts = all(isinstance(given_.get(name), str) and given_[name] for name in _RULE - {"municipalities"})
        if not texts or not set(given_) <= _RULE or not isinstance(given_.get("municipalities", []), list):
            wrong.append(
                Said("{where}: een regel heeft claim, value, organisation en role, en soms municipalities", where=where)
            )
        else:
            made.append(Rule(**{**given_, "municipalities": tuple(map(str, given_.get("municipalities", [])))}))
    lists = {name: tuple(one[name]) for name in _LISTS if name in one}
    lists["scopes"] = ("openid", *(scope for scope in lists.get("scopes", ("profile",)) if scope != "openid"))
    return Provider(
        code=one["code"],
        name=one["name"],
        issuer=one["issuer"],
        client_id=one["client_id"],
        client_secret=secret,
        max_age=max_age,
        just_in_time=one.get("just_in_time") is True,
        login_claim=one.get("login_claim", ""),
        rules=tuple(made),
        private_key=private_key,
        **lists,
    )


def _private_key(file: str) -> RSAKey | ECKey | OKPKey | None:
    try:
        text = Path(file).read_text(encoding="utf-8").strip()
        content: Any = json.loads(text) if text.startswith("{") else text
    except (OSError, ValueError):
        return None
    for kind in (RSAKey, ECKey, OKPKey):
        try:
            with warnings.catch_warnings(action="ignore", category=SecurityWarning):  # too short is refused below
                found = kind.import_key(content)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        strong = found.raw_value.key_size >= 2048 if isinstance(found, RSAKey) else found.curve_name in _SIGNED
        return found if strong and found.is_private else None
    return None


def _is_safe(url: str) -> bool:
    """What we send a secret to, or a browser: over TLS, or on this very machine."""
    parts = urlsplit(url)
    here = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
    return bool(parts.hostname) and (parts.scheme == "https" or here) and not (parts.query or parts.fragment)


def _words(claim: Any) -> set[str]:
    found = claim if isinstance(claim, list) else [claim]
    return {str(one) for one in found if isinstance(one, (str, int)) and not isinstance(one, bool)}


# --- talking with one


class _NoRedirect(HTTPRedirectHandler):
    """What is meant for one address goes to no other."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(slots=True)
class _Answer:
    """As much of an answer as Authlib wants to know."""

    status_code: int
    text: str

    def json(self) -> Any:
        return json.loads(self.text)

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise ProviderAway(f"status {self.status_code}")


def _ask(url: str, *, data: str | None = None, headers: Mapping[str, str] | None = None) -> _Answer:
    """Ask one thing, in :data:`PATIENCE` seconds altogether.

    Raises:
        ProviderAway: no answer, not in time, or much too long.
    """
    if not _is_safe(url):
        raise ProviderAway("an address that is not safe")
    until = time.monotonic() + PATIENCE
    asked = Request(url, data=None if data is None else data.encode(), headers=dict(headers or {}))  # noqa: S310 - checked above
    handlers: list[Any] = [_NoRedirect, ProxyHandler({})] if urlsplit(url).scheme == "http" else [_NoRedirect]
    opener: OpenerDirector = build_opener(*handlers)
    try:
        try:
            answer = opener.open(asked, timeout=PATIENCE)
        except HTTPError as error:
            answer = error
        with answer:
            read = b""
            while piece := answer.read1(65_536):
                read += piece
                if len(read) > _LONGEST or time.monotonic() > until:
                    raise ProviderAway("too long")
            return _Answer(int(answer.status or 0), read.decode("utf-8", "replace"))
    except (OSError, ValueError) as error:
        raise ProviderAway(type(error).__name__) from None


class _Session:
    """What Authlib's client asks with."""

    def post(self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: Any, **_: Any) -> _Answer:
        where, sent, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        return _ask(where, data=body, headers=sent)


@dataclass(slots=True)
class _About:
    """What a provider says about itself, and its keys."""

    metadata: Mapping[str, Any]
    keys: KeySet
    at: float
    keys_at: float


class Talk:
    """With one provider, for all requests of a process."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._lock = threading.Lock()
        self._about: _About | None = None
        self._away_until = 0.0

    def where_to(self, *, state: str, nonce: str, verifier: str, redirect_uri: str, again: bool = False) -> str:
        """Where to send the browser.

        Args:
            again: who is logged in there logs in anew.

        Raises:
            ProviderAway.
        """
        about = self._known()
        more: dict[str, Any] = {"nonce": nonce}
        if self.provider.acr:
            more["acr_values"] = " ".join(self.provider.acr)
        if self.provider.max_age or again:
            more["max_age"] = _JUST_NOW if again else self.provider.max_age
        if again:
            more["prompt"] = "login"
        url, _ = self._client(about, redirect_uri).create_authorization_url(
            about.metadata["authorization_endpoint"], state=state, code_verifier=verifier, **more
        )
        return str(url)

    def told(
        self, *, code: str, nonce: str, verifier: str, redirect_uri: str, issuer: str | None, again: bool, at: datetime
    ) -> Told:
        """What the provider vouches for, in return for the code that the browser brought.

        Args:
            issuer: from whom the browser says that it comes (RFC 9207).

        Raises:
            ProviderAway. ProviderRefused: it does not count.
        """
        about = self._known()
        says_so = about.metadata.get("authorization_response_iss_parameter_supported") is True
        if (issuer is not None or says_so) and issuer != self.provider.issuer:
            raise ProviderRefused("issuer")  # from another provider than we sent the browser to
        client = self._client(about, redirect_uri)
        try:
            given = client.fetch_token(
                about.metadata["token_endpoint"], code=code, code_verifier=verifier, **self._proof(about, at)
            )
        except ProviderAway:
            raise
        except Exception as error:  # whatever Authlib says of it
            raise ProviderRefused("code") from error
        max_age = 0 if again else self.provider.max_age
        claims = self._id_token(
            given.get("id_token"),
            nonce=nonce,
            access_token=given.get("access_token"),
            dated=bool(max_age or again),
            at=at,
        )
        if max_age and at.timestamp() - float(claims["auth_time"]) > max_age + SKEW:
            raise ProviderRefused("too_old")
        if again and at.timestamp() - float(claims["auth_time"]) > 2 * SKEW:
            raise ProviderRefused("too_old")
        if self.provider.acr and claims.get("acr") not in self.provider.acr:
            raise ProviderRefused("acr")
        everything = {**self._userinfo(about, given.get("access_token"), claims["sub"]), **claims}
        strong = claims.get("acr") in self.provider.second_factor_acr or bool(
            _words(claims.get("amr") or []) & set(self.provider.second_factor_amr)
        )
        asked = "auth_time" in claims and at.timestamp() - float(claims["auth_time"]) <= 2 * SKEW
        name = next((str(everything[key]) for key in ("name", "preferred_username") if everything.get(key)), "")
        session = claims.get("sid")
        return Told(
            subject=str(claims["sub"]),
            name=name[:120],
            claims=everything,
            second_factor=strong,
            nonce=nonce,
            session=session if isinstance(session, str) else None,
            asked=asked,
        )

    def logged_out(self, token: str, *, at: datetime) -> Ended:
        """Whom a provider says to have logged out there (OpenID Connect Back-Channel Logout 1.0, 2.6).

        Raises:
            ProviderAway. ProviderRefused: it is not of the provider, not for us, or no such message.
        """
        claims = self._checked(token, CodeIDToken, {"iss", "aud", "iat", "jti"}, {}, at=at)
        events = claims.get("events")
        if not isinstance(events, dict) or _BACK_CHANNEL not in events or "nonce" in claims:
            raise ProviderRefused("logout_token")
        subject, session = claims.get("sub"), claims.get("sid")
        if not isinstance(subject, str) and not isinstance(session, str):
            raise ProviderRefused("logout_token")
        if at.timestamp() - float(claims["iat"]) > 2 * SKEW:
            raise ProviderRefused("too_old")
        return Ended(
            subject if isinstance(subject, str) else None,
            session if isinstance(session, str) else None,
            str(claims["jti"]),
        )

    def end_address(self, back: str) -> str | None:
        """Where a browser can log out at the provider too; None: it has no such place, or is away."""
        try:
            place = self._known().metadata.get("end_session_endpoint")
        except ProviderAway:
            return None
        if not isinstance(place, str) or not _is_safe(place):
            return None
        return f"{place}?{urlencode({'client_id': self.provider.client_id, 'post_logout_redirect_uri': back})}"

    def _client(self, about: _About, redirect_uri: str) -> Any:
        methods = about.metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        how = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        return OAuth2Client(  # type: ignore[no-untyped-call]
            _Session(),
            client_id=self.provider.client_id,
            client_secret=self.provider.client_secret,
            token_endpoint_auth_method=how if self.provider.client_secret else "none",
            scope=" ".join(self.provider.scopes),
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
        )

    def _proof(self, about: _About, at: datetime) -> dict[str, str]:
        """That it is us, signed for this provider and once (RFC 7523, 2.2); nothing where a secret is shared."""
        key = self.provider.private_key
        if key is None:
            return {}
        takes = about.metadata.get("token_endpoint_auth_signing_alg_values_supported") or ()
        known = _SIGNED["RSA" if isinstance(key, RSAKey) else key.curve_name]
        assertion = private_key_jwt_sign(  # type: ignore[no-untyped-call]
            key,
            client_id=self.provider.client_id,
            token_endpoint=about.metadata["token_endpoint"],
            alg=next((one for one in known if one in takes), known[0]),
            header={"kid": key.thumbprint()},
            issued_at=int(at.timestamp()),
            expires_in=_PROOF_FOR,
        )
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}

    def _known(self) -> _About:
        """What the provider says about itself; asked by one request at a time, and not again at once when it was away."""
        with self._lock:
            now = time.monotonic()
            if self._about is not None and now - self._about.at < _KNOWN_FOR:
                return self._about
            if now < self._away_until:
                raise ProviderAway("was away a moment ago")
            try:
                metadata = self._discovered()
                self._about = _About(metadata, self._keys(metadata), now, now)
            except ProviderAway:
                self._away_until = time.monotonic() + _AWAY_FOR
                if self._about is None:
                    raise
            return self._about

    def _discovered(self) -> Mapping[str, Any]:
        answer = _ask(f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration")
        found = _object(answer)
        ends = [found.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        if found.get("issuer") != self.provider.issuer or not all(
            isinstance(end, str) and _is_safe(end) for end in ends
        ):
            raise ProviderAway("says that it is somebody else, or says too little")
        return found

    def _keys(self, metadata: Mapping[str, Any]) -> KeySet:
        try:
            return KeySet.import_key_set(_object(_ask(metadata["jwks_uri"])))  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise ProviderAway("keys") from error

    def _id_token(self, token: Any, *, nonce: str, access_token: Any, dated: bool, at: datetime) -> Mapping[str, Any]:
        needed = {"iss", "sub", "aud", "exp", "iat", "nonce"} | ({"auth_time"} if dated else set())
        params = {"nonce": nonce, "client_id": self.provider.client_id, "access_token": access_token}
        return self._checked(token, CodeIDToken, needed, params, at=at)

    def _checked(
        self, token: Any, kind: type[CodeIDToken], needed: set[str], params: Mapping[str, Any], *, at: datetime
    ) -> Mapping[str, Any]:
        """The claims of something that the provider signed for us and that holds now."""
        if not isinstance(token, str):
            raise ProviderRefused("no_token")
        decoded = self._decoded(token)
        claims = decoded.claims
        if missing := needed - set(claims):
            raise ProviderRefused(f"no_{min(missing)}")
        audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if claims["iss"] != self.provider.issuer or self.provider.client_id not in audience:
            raise ProviderRefused("not_for_us")
        numbers = [claims[name] for name in ("exp", "iat", "nbf", "auth_time") if name in claims]
        if not all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in numbers):
            raise ProviderRefused("times")
        now = at.timestamp()
        begun = max(claims.get(name, now) for name in ("iat", "nbf", "auth_time"))
        if begun > now + SKEW or claims.get("exp", now) < now - SKEW:
            raise ProviderRefused("times")
        if params:
            try:
                kind(claims, decoded.header, params=dict(params)).validate(int(now), SKEW)  # type: ignore[no-untyped-call]
            except (JoseError, ValueError, TypeError) as error:
                raise ProviderRefused(getattr(error, "claim", None) or "claims") from error
        return dict(claims)

    def _decoded(self, token: str) -> Any:
        about = self._known()
        try:
            return jwt.decode(token, about.keys, algorithms=_ALGORITHMS)
        except (JoseError, ValueError, TypeError, KeyError):
            with self._lock:  # a key that is new since: it changed them
                if time.monotonic() - about.keys_at < _KEYS_EVERY:
                    raise ProviderRefused("signature") from None
                about.keys, about.keys_at = self._keys(about.metadata), time.monotonic()
        try:
            return jwt.decode(token, about.keys, algorithms=_ALGORITHMS)
        except (JoseError, ValueError, TypeError, KeyError):
            raise ProviderRefused("signature") from None

    def _userinfo(self, about: _About, access_token: Any, subject: Any) -> Mapping[str, Any]:
        place = about.metadata.get("userinfo_endpoint")
        if not isinstance(place, str) or not isinstance(access_token, str):
            return {}
        answer = _ask(place, headers={"Authorization": f"Bearer {access_token}", "Accept": "application/json"})
        found = _object(answer)
        if found.get("sub") != subject:
            raise ProviderRefused("userinfo")
        return found


def _object(answer: _Answer) -> dict[str, Any]:
    answer.raise_for_status()
    try:
        found = answer.json()
    except ValueError:
        raise ProviderAway("no JSON") from None
    if not isinstance(found, dict):
        raise ProviderAway("no object")
    return found
