"""Asks ClamAV whether a file is safe (protocol INSTREAM of clamd). What could not be looked at is not safe."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress

from api.config import Settings
from workflows.errors import Invalid, Unavailable

#: Seconds that the scanner may take for each thing that it says.
PATIENCE = 20
_PIECE = 65_536
_LONGEST_ANSWER = 4096


class ScannerAway(Unavailable):
    """The scanner that this installation asks does not answer, so nothing is taken unlooked at."""

    title = "De virusscanner is niet bereikbaar"
    detail = (
        "De virusscanner is even niet bereikbaar. Daarom is uw bestand niet bewaard. Probeer het straks opnieuw. "
        "Blijft dit zo? Bel dan uw beheerder."
    )


def require_clean(settings: Settings, content: bytes) -> None:
    """Pass when nothing is found in *content*, or when this installation has no scanner.

    Raises:
        Invalid: something is found. ScannerAway: nobody could look.
    """
    if not settings.clamav:
        return
    try:
        with _connected(settings.clamav) as line:
            said = _ask(line, content)
    except OSError as error:
        raise ScannerAway(f"clamd: {type(error).__name__}") from error
    if said.endswith(" FOUND"):
        raise Invalid(
            "clamd found something",
            errors={
                "file": [
                    "In dit bestand zit een virus. Het is niet bewaard. Verstuur het niet verder en bel uw eigen ICT-afdeling."
                ]
            },
        )
    if said != "stream: OK":
        raise ScannerAway("clamd could not look")


def _connected(where: str) -> socket.socket:
    if where.startswith("unix:"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(PATIENCE)
        try:
            line.connect(where.removeprefix("unix:"))
        except OSError:
            line.close()
            raise
        return line
    host, _, port = where.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE)


def _ask(line: socket.socket, content: bytes) -> str:
    with suppress(
        BrokenPipeError, ConnectionResetError
    ):  # it says why before it hangs up, as when a file is too big for it
        line.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), _PIECE):
            piece = content[start : start + _PIECE]
            line.sendall(struct.pack("!L", len(piece)) + piece)
        line.sendall(struct.pack("!L", 0))
    said = b""
    while b"\0" not in said and len(said) < _LONGEST_ANSWER:
        more = line.recv(_LONGEST_ANSWER)
        if not more:
            break
        said += more
    return said.split(b"\0")[0].decode("utf-8", "replace").strip()
