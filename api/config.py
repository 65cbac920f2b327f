"""What an installation can set, read from the environment once; every mistake is told at the same time, in Dutch."""

from __future__ import annotations

import os
import re
import secrets
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from environs import Env, EnvValidationError, ValidationError

from api import providers, themes
from api.saying import Said
from workflows.accounts import Leaked
from workflows.vault import Vault
from workflows.webhooks import Network, networks

Mode = Literal["demo", "practice", "production"]

#: Never that of the real region, also when somebody starts the wrong one in its folder.
_PRACTICE_DATABASE = "sqlite:///var/practice/steun.db"
#: Length of a secret key below which it can be guessed.
SECRET_LENGTH = 32


#: Also said of what is typed behind a command.
ONE_PROCESS = Said("met SQLite kan er maar één webproces zijn; kies PostgreSQL")
#: What can be wrong with a list of leaked passwords.
_LEAKS: Mapping[str, Said] = {
    "empty": Said("in deze map staan geen bestanden als 00000.txt"),
    "unreadable": Said("dit is niet te lezen"),
    "no_hashes": Said("dit is geen lijst van SHA-1-hashes, gesorteerd op hash"),
}


class SettingsRefused(Exception):
    """The environment is not acceptable; ``problems`` lists every variable with what to do about it, in Dutch."""

    def __init__(self, problems: Mapping[str, Sequence[Said]]) -> None:
        self.problems = {name: list(texts) for name, texts in problems.items()}
        super().__init__("\n".join(f"{name}: {text}" for name, texts in self.problems.items() for text in texts))


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation. Times are seconds, sizes are bytes.

    ``owner_database_url`` belongs to the role that owns the tables (migrations); the application itself never uses it.
    ``anchor_*`` say where the ends of the logbook are kept outside the database, ``log_webhook`` where its lines go as well,
    ``smtp_*`` who takes our mail, ``public_url`` what stands in it as the address of this installation.
    ``theme`` names the style of the pages. ``second_factor`` says of whom a code is asked: ``everybody`` or only some ``roles``; left out, the mode decides.
    ``attachments`` is where files with a case are kept, ``clamav`` who looks for viruses in them: ``unix:`` and a path, or a
    host and port.
    ``rate_limit`` is how often one token may ask the API in a minute, ``refusal_limit`` how often an address may be refused
    there; 0 is no limit. ``cors_origins`` are other websites whose pages may call the API.
    ``webhook_networks`` are networks beside the internet to which events may be sent, ``webhook_ca`` a file with authorities
    that vouch for addresses there.
    ``metrics_token`` opens /metrics; ``metrics_address`` is where the same is told without one. ``otel_endpoint`` takes traces.
    ``providers`` are who lets people in besides us.
    ``argon2`` holds the cost of a password: time, memory in KiB, lanes.
    """

    database_url: str = "sqlite:///var/steun.db"
    owner_database_url: str | None = None
    secret_key: str = ""
    vault_keys: tuple[str, ...] = ()
    backup_keys: tuple[str, ...] = ()
    mode: Mode = "production"
    host: str = "127.0.0.1"
    port: int = 8000
    threads: int = 8
    workers: int = 1
    worker: bool = True
    log_level: str = "INFO"
    max_body: int = 2_000_000
    trusted_proxies: int = 0
    argon2: tuple[int, int, int] = (3, 65_536, 4)
    lock_seconds: float = 20.0
    anchor_file: str = ""
    anchor_mail: str = ""
    anchor_webhook: str = ""
    anchor_webhook_secret: str = ""
    leaked_passwords: str = ""
    second_factor: str = ""
    log_webhook: str = ""
    log_webhook_secret: str = ""
    theme: str = themes.SHIPPED
    practice_url: str = ""
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: str = "starttls"
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_from: str = ""
    public_url: str = ""
    providers: tuple[providers.Provider, ...] = ()
    attachments: str = ""
    max_attachment: int = 10_000_000
    clamav: str = ""
    rate_limit: int = 600
    refusal_limit: int = 60
    cors_origins: tuple[str, ...] = ()
    webhook_networks: tuple[str, ...] = ()
    webhook_ca: str = ""
    metrics_token: str = ""
    metrics_address: str = ""
    otel_endpoint: str = ""

    @property
    def is_demo(self) -> bool:
        """Whether everything here is made up: to look around in, or to practise in."""
        return self.mode in ("demo", "practice")

    @property
    def is_practice(self) -> bool:
        """Whether professionals practise here; each page says so."""
        return self.mode == "practice"

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def mails_people(self) -> bool:
        """Whether people can get mail: there is who takes it, from whom and where to go; in the demo it stays in a folder."""
        return self.is_demo or bool(self.smtp_host and self.smtp_from and self.public_url)

    @property
    def files(self) -> Path:
        """Where files with a case are kept; left out, beside the database."""
        if self.attachments:
            return Path(self.attachments)
        return self.demo_mail.parent / "attachments"

    @property
    def demo_mail(self) -> Path:
        """Where the demo keeps what it would have mailed."""
        where = Path(self.database_url.removeprefix("sqlite:///")).parent if self.is_sqlite else Path("var")
        return where / "mail"

    @property
    def secure_cookies(self) -> bool:
        """Production is reached over TLS only, and so is a practice region behind a proxy; the demo runs on plain http on one
        machine."""
        return self.mode == "production" or (self.is_practice and self.trusted_proxies > 0)

    @property
    def vault(self) -> Vault:
        """Opens what is kept encrypted; in the demo with its secret key."""
        return Vault(self.vault_keys or ((self.secret_key,) if self.is_demo else ()))

    @property
    def backup_vault(self) -> Vault | None:
        """Closes and opens backups; None: there is no key for that."""
        return Vault(self.backup_keys) if self.backup_keys else None

    @property
    def second_factor_for_all(self) -> bool:
        """Everybody who logs in here gives a code: unless the operator says otherwise, in production and not in the demo."""
        return (self.second_factor or ("roles" if self.is_demo else "everybody")) == "everybody"

    @property
    def webhook_allowed(self) -> tuple[Network, ...]:
        """Networks to which events may be sent, besides the internet."""
        return networks(self.webhook_networks)

    @property
    def leaked(self) -> Leaked | None:
        """The operator's list of passwords that leaked elsewhere, if there is one."""
        return Leaked(Path(self.leaked_passwords)) if self.leaked_passwords else None

    @property
    def migration_url(self) -> str:
        return self.owner_database_url or self.database_url

    def with_(self, **changes: Any) -> Settings:
        return replace(self, **changes)

    def with_database_in(self, folder: str) -> Settings:
        """The same house with a new SQLite database in *folder*; files go where they went, for who takes the database from there."""
        return self.with_(
            database_url=f"sqlite:///{folder}/steun.db", owner_database_url=None, attachments=str(self.files)
        )


def read(*, serving: bool = False, demo: bool = False, practice: bool = False) -> Settings:
    """The settings of this process.

    Args:
        serving: pages and the API will be served, so a secret key is needed.
        demo: the caller wants the demonstration; refused when the environment says something else.
        practice: the same for the region to practise in, which has a database of its own.

    Raises:
        SettingsRefused: with everything that is wrong.
    """
    # `read` collects, and says everything at the end; environs would otherwise stop at the first mistake.
    env = Env(eager=False, prefix="STEUN_")
    default = Settings()
    found: dict[str, Any] = {
        "database_url": env.str(
            "DATABASE_URL", _PRACTICE_DATABASE if practice else default.database_url, validate=_database
        ),
        "owner_database_url": env.str("OWNER_DATABASE_URL", None, validate=lambda v: v is None or _database(v)),
        "secret_key": env.str("SECRET_KEY", ""),
        "vault_keys": _keys(env.str("VAULT_KEY", ""), env.str("VAULT_KEY_FILE", "", validate=_readable)),
        "backup_keys": _keys(env.str("BACKUP_KEY", ""), env.str("BACKUP_KEY_FILE", "", validate=_readable)),
        "mode": env.str(
            "MODE",
            "demo" if demo else "practice" if practice else default.mode,
            validate=_one_of("demo", "practice", "production"),
        ),
        "host": env.str("HOST", default.host),
        "port": env.int("PORT", default.port, validate=_between(1, 65_535)),
        "threads": env.int("THREADS", default.threads, validate=_between(1, 64)),
        "workers": env.int("WORKERS", default.workers, validate=_between(1, 64)),
        "worker": env.str("WORKER", "on", validate=_one_of("on", "off")) != "off",
        "log_level": env.str(
            "LOG_LEVEL", default.log_level, validate=_one_of("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
        ),
        "max_body": env.int("MAX_BODY", default.max_body, validate=_between(10_000, 50_000_000)),
        "trusted_proxies": env.int("TRUSTED_PROXIES", 0, validate=_between(0, 5)),
        "lock_seconds": env.float("LOCK_SECONDS", default.lock_seconds, validate=_between(0.1, 120)),
        "argon2": (
            env.int("ARGON2_TIME", default.argon2[0], validate=_between(1, 20)),
            env.int("ARGON2_MEMORY", default.argon2[1], validate=_between(8, 4_194_304)),
            env.int("ARGON2_LANES", default.argon2[2], validate=_between(1, 16)),
        ),
        "anchor_file": env.str("ANCHOR_FILE", ""),
        "anchor_mail": env.str("ANCHOR_MAIL", ""),
        "anchor_webhook": env.str("ANCHOR_WEBHOOK", "", validate=_address),
        "anchor_webhook_secret": env.str("ANCHOR_WEBHOOK_SECRET", ""),
        "second_factor": env.str("SECOND_FACTOR", "", validate=_one_of("", "everybody", "roles")),
        "providers": env.str("OIDC_FILE", "", validate=_providers),
        "leaked_passwords": env.str("LEAKED_PASSWORDS", "", validate=_leaked),
        "log_webhook": env.str("LOG_WEBHOOK", "", validate=_address),
        "log_webhook_secret": env.str("LOG_WEBHOOK_SECRET", ""),
        "practice_url": env.str("PRACTICE_URL", "", validate=_address),
        "theme": env.str("THEME", default.theme, validate=_theme),
        "smtp_host": env.str("SMTP_HOST", ""),
        "smtp_port": env.int("SMTP_PORT", default.smtp_port, validate=_between(1, 65_535)),
        "smtp_security": env.str("SMTP_SECURITY", default.smtp_security, validate=_one_of("starttls", "tls", "none")),
        "smtp_user": env.str("SMTP_USER", ""),
        "smtp_password": env.str("SMTP_PASSWORD", ""),
        "smtp_from": env.str("SMTP_FROM", ""),
        "attachments": env.str("ATTACHMENTS", ""),
        "max_attachment": env.int("MAX_ATTACHMENT", default.max_attachment, validate=_between(100_000, 50_000_000)),
        "clamav": env.str("CLAMAV", "", validate=_scanner),
        "rate_limit": env.int("RATE_LIMIT", default.rate_limit, validate=_between(0, 1_000_000)),
        "refusal_limit": env.int("REFUSAL_LIMIT", default.refusal_limit, validate=_between(0, 1_000_000)),
        "cors_origins": tuple(
            filter(None, (env.str("CORS_ORIGINS", "", validate=_origins) or "").replace(" ", "").split(","))
        ),
        "webhook_networks": tuple(
            one.strip() for one in (env.str("WEBHOOK_NETWORKS", "", validate=_networks) or "").split(",") if one.strip()
        ),
        "webhook_ca": env.str("WEBHOOK_CA", "", validate=_authorities),
        "metrics_token": env.str("METRICS_TOKEN", ""),
        "metrics_address": env.str("METRICS_ADDRESS", "", validate=_listening),
        "otel_endpoint": (env.str("OTEL_ENDPOINT", "", validate=_traced) or "").rstrip("/"),
        "public_url": (env.str("PUBLIC_URL", "", validate=_address) or "").rstrip("/"),
    }
    problems: dict[str, list[Said]] = {}
    try:
        env.seal()
    except EnvValidationError as error:
        told: Any = error.error_messages
        problems = {name: [_dutch(text) for text in texts] for name, texts in told.items()}
    if demo and found["mode"] != "demo":
        problems.setdefault("STEUN_MODE", []).append(
            Said("de demo draait nooit met STEUN_MODE={mode}", mode=found["mode"])
        )
    if practice and found["mode"] != "practice":
        problems.setdefault("STEUN_MODE", []).append(
            Said("de oefenomgeving draait nooit met STEUN_MODE={mode}", mode=found["mode"])
        )
    if found["mode"] == "practice" and found["smtp_host"]:
        problems.setdefault("STEUN_SMTP_HOST", []).append(Said("de oefenomgeving verstuurt geen mail"))
    if set(found["backup_keys"]) & {*found["vault_keys"], found["secret_key"]}:
        problems.setdefault("STEUN_BACKUP_KEY", []).append(
            Said(
                "neem een andere sleutel dan STEUN_VAULT_KEY en STEUN_SECRET_KEY: wie een back-up opent, hoort daarmee niet alles te openen"
            )
        )
    made_up = found["mode"] in ("demo", "practice")
    if found["workers"] and found["workers"] > 1 and str(found["database_url"]).startswith("sqlite"):
        problems.setdefault("STEUN_WORKERS", []).append(ONE_PROCESS)
    too_short = {
        "STEUN_SECRET_KEY": len(found["secret_key"] or "") < SECRET_LENGTH and serving and not made_up,
        "STEUN_VAULT_KEY": any(len(key) < SECRET_LENGTH for key in found["vault_keys"])
        or (not found["vault_keys"] and serving and not made_up),
        "STEUN_METRICS_TOKEN": 0 < len(found["metrics_token"] or "") < SECRET_LENGTH,
        "STEUN_BACKUP_KEY": any(len(key) < SECRET_LENGTH for key in found["backup_keys"]),
    }
    for name in (name for name, wrong in too_short.items() if wrong):
        problems.setdefault(name, []).append(
            Said(
                "geef een geheime sleutel van ten minste {length} tekens, bijvoorbeeld van: python -c 'import secrets; print(secrets.token_urlsafe(48))'",
                length=SECRET_LENGTH,
            )
        )
    for name in ("anchor_webhook", "log_webhook"):
        if found[name] and len(found[f"{name}_secret"] or "") < SECRET_LENGTH:
            problems.setdefault(f"STEUN_{name.upper()}_SECRET", []).append(
                Said(
                    "geef een geheim van ten minste {length} tekens, waarmee de ontvanger ziet dat het van ons komt",
                    length=SECRET_LENGTH,
                )
            )
    if found["anchor_mail"] and not found["smtp_host"]:
        problems.setdefault("STEUN_SMTP_HOST", []).append(Said("geef de mailserver voor STEUN_ANCHOR_MAIL"))
    if found["providers"] and not found["public_url"] and serving:  # in no mode does it follow what a request says
        problems.setdefault("STEUN_PUBLIC_URL", []).append(
            Said(
                "geef het adres van deze installatie, dat een aanbieder van STEUN_OIDC_FILE kent en waar hij naar terugstuurt"
            )
        )
    if problems:
        raise SettingsRefused(problems)
    found["providers"] = providers.read(found["providers"])
    if not found["secret_key"] and made_up:
        found["secret_key"] = _demo_secret(found["database_url"])
    return Settings(**found)


def key_files() -> list[tuple[str, Path]]:
    """Files that hold keys, with the setting that names each; nobody else on the machine should read them."""
    names = ("STEUN_VAULT_KEY_FILE", "STEUN_BACKUP_KEY_FILE")
    return [(name, Path(os.environ[name])) for name in names if os.environ.get(name)]


def _keys(text: str | None, file: str | None) -> tuple[str, ...]:
    """The newest first: those of the variable, separated by commas, then those of the file, one a line."""
    lines = Path(file).read_text(encoding="utf-8").splitlines() if file and os.access(file, os.R_OK) else []
    return tuple(dict.fromkeys(key.strip() for key in (*(text or "").split(","), *lines) if key.strip()))


def _readable(value: str) -> bool:
    if value and not os.access(value, os.R_OK):
        raise ValidationError(Said("dit bestand is niet te lezen"))
    return True


def _theme(value: str) -> bool:
    if value not in (known := themes.known()):
        raise ValidationError(
            Said(
                "dit thema is er niet; kies uit {known}, of zet het in api/assets/themes en doe make assets",
                known=", ".join(sorted(known)),
            )
        )
    return True


def _providers(value: str) -> bool:
    try:
        providers.read(value)
    except providers.ProvidersWrong as error:
        raise ValidationError(list(error.wrong)) from None
    return True


def _leaked(value: str) -> bool:
    if value and (problem := Leaked(Path(value)).problem()):
        raise ValidationError(_LEAKS[problem])
    return True


def _demo_secret(database_url: str) -> str:
    """A key of the demo's own, kept beside its database so that a restart does not log everybody out."""
    folder = Path(database_url.removeprefix("sqlite:///")).parent if database_url.startswith("sqlite") else Path("var")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "secret-key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secret := secrets.token_urlsafe(48))
    return secret


def _database(value: str) -> bool:
    kind = value.split(":", 1)[0].split("+")[0]
    if kind not in ("sqlite", "postgresql"):
        raise ValidationError(Said("begin met sqlite:/// of postgresql://"))
    if kind == "sqlite" and not value.startswith("sqlite:///"):
        raise ValidationError(Said("schrijf sqlite:/// en dan het pad van het bestand"))
    return True


def _address(value: str) -> bool:
    here = value.startswith(("http://127.0.0.1", "http://localhost"))
    if value and not (value.startswith("https://") or here):
        raise ValidationError(Said("begin met https://"))
    return True


def _origins(value: str) -> bool:
    for origin in filter(None, value.replace(" ", "").split(",")):
        if not re.fullmatch(r"https://[a-z0-9.-]+(:\d{1,5})?|http://(localhost|127\.0\.0\.1)(:\d{1,5})?", origin):
            raise ValidationError(
                Said(
                    "noem adressen als https://portaal.voorbeeld.nl, zonder pad en met komma’s ertussen; een * kan niet"
                )
            )
    return True


def _networks(value: str) -> bool:
    try:
        networks(value.split(","))
    except ValueError:
        raise ValidationError(Said("schrijf netwerken zoals 10.20.0.0/16, met een komma ertussen")) from None
    return True


def _authorities(value: str) -> bool:
    if value:
        try:
            ssl.create_default_context().load_verify_locations(value)
        except OSError:  # also an SSLError: nothing in it that vouches for anybody
            raise ValidationError(Said("dit bestand is niet te lezen, of er staat geen certificaat (PEM) in")) from None
    return True


def _scanner(value: str) -> bool:
    host, _, port = value.rpartition(":")
    if value and not (value.startswith("unix:/") or (host and port.isdigit() and 0 < int(port) < 65_536)):
        raise ValidationError(
            Said("schrijf unix: en dan het pad van de socket, of een naam en poort zoals localhost:3310")
        )
    return True


def _listening(value: str) -> bool:
    host, _, port = value.rpartition(":")
    if value and not (host and port.isdigit() and 0 < int(port) < 65_536):
        raise ValidationError(Said("schrijf een adres en poort zoals 127.0.0.1:9464"))
    return True


def _traced(value: str) -> bool:
    if value and not value.startswith(("http://", "https://")):
        raise ValidationError(Said("schrijf een adres zoals http://127.0.0.1:4318"))
    if value and find_spec("opentelemetry") is None:
        raise ValidationError(Said("installeer eerst wat daarvoor nodig is: pip install 'steun-op-maat[otel]'"))
    return True


def _one_of(*choices: str) -> Callable[[str], bool]:
    def is_one(value: str) -> bool:
        if value not in choices:
            raise ValidationError(Said("kies uit: {choices}", choices=", ".join(filter(None, choices))))
        return True

    return is_one


def _between(low: float, high: float) -> Callable[[float], bool]:
    def lies_there(value: float) -> bool:
        if not low <= value <= high:
            raise ValidationError(Said("geef een getal van {low} tot en met {high}", low=low, high=high))
        return True

    return lies_there


def _dutch(text: str) -> Said:
    """What marshmallow says itself is about numbers only; pages may have taught it other words."""
    if isinstance(text, Said):
        return text
    return Said("geef een heel getal") if "integer" in text or "heel" in text else Said("geef een getal")
