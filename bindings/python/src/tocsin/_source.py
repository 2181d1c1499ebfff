"""The forms of sourceId that OvenMediaEngine uses: a name, `#vhost#app`, `#vhost#app/stream`."""

from __future__ import annotations

from typing import NamedTuple, Optional

from ._rules import SOURCE_ID_MAX, fits


class SourceId(NamedTuple):
    """A sourceId taken apart. Without app it is a name: a server's, a virtual host's or anyone's own."""

    vhost: str
    app: Optional[str] = None
    stream: Optional[str] = None

    @classmethod
    def split(cls, text: str) -> SourceId:
        """Takes a sourceId apart; what is no app and no stream is a name, as a whole."""
        if not text.startswith("#"):
            return cls(text)
        vhost, _, rest = text[1:].partition("#")
        app, slash, stream = rest.partition("/")
        if not vhost or not app or (slash and not stream):
            return cls(text)
        return cls(vhost, app, stream if slash else None)


def source_id(vhost: str, app: str, stream: Optional[str] = None) -> str:
    """`#vhost#app` or `#vhost#app/stream`. A '#' in vhost or app becomes '_', as OvenMediaEngine does it. ValueError where
    a part is empty or the whole is too long."""
    if not vhost or not app or stream == "":
        raise ValueError("a part of the sourceId is empty")
    made = "#" + vhost.replace("#", "_") + "#" + app.replace("#", "_")
    if stream is not None:
        made += "/" + stream
    if not fits(made, SOURCE_ID_MAX):
        raise ValueError(f"the sourceId is longer than {SOURCE_ID_MAX} bytes")
    return made
