"""Style sheets, scripts and drawings: read once, served under a name that changes with their content."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

MEDIA_TYPES: Final = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
FOREVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of `static/`, with the first 16 hexadecimal digits of its SHA-256 as its version."""

    name: str
    content: bytes

    @property
    def version(self) -> str:
        """Changes whenever the content does, so that a browser may keep the file for good."""
        return hashlib.sha256(self.content).hexdigest()[:16]

    @property
    def media_type(self) -> str:
        """By the file's ending."""
        return MEDIA_TYPES[self.name.rpartition(".")[2]]


@cache
def _assets() -> dict[str, Asset]:
    folder = files("warifu.wire.pages") / "static"
    return {entry.name: Asset(entry.name, entry.read_bytes()) for entry in folder.iterdir() if entry.is_file()}


@cache
def asset_path(name: str) -> str:
    """The path under which `name` is served now."""
    return f"/static/{_assets()[name].version}/{name}"


async def _serve(request: Request) -> Response:
    asset = _assets().get(request.path_params["name"])
    if asset is None or asset.version != request.path_params["version"]:
        raise HTTPException(404)
    headers = {"cache-control": FOREVER, "x-content-type-options": "nosniff"}
    return Response(asset.content, media_type=asset.media_type, headers=headers)


def static_files() -> Mount:
    """The route for everything in `static/`; every application that shows pages has it."""
    return Mount("/static", routes=[Route("/{version}/{name}", _serve)])
