"""Style sheets, scripts, icons and fonts: read once, packed once, addressed by what they hold.

The address of every file begins with a digest of all of them, so a browser may keep them for
ever, and what they name relatively (`../fonts/...`, `./toasts.js`) lies under the same digest.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Final

from flask import Blueprint, Flask, Response, abort, current_app, request, url_for

from inventory.http.permissions import open_to_all

# In this order, which the layers in `tokens.css` need; together they are `css/pages.css`.
SHEETS: Final = (
    "tokens",
    "base",
    "layout",
    "controls",
    "stock",
    "charts",
    "overlays",
    "pages",
    "items",
    "draft",
    "transfers",
    "purchasing",
    "counts",
    "settings",
    "narrow",
    "print",
)
SERVED: Final = {".css", ".js", ".svg", ".woff2", ".png", ".webmanifest"}
PACKED: Final = {".css", ".js", ".svg", ".webmanifest"}
FOR_EVER: Final = "public, max-age=31536000, immutable"
EXTENSION: Final = "racking.assets"
FOLDER: Final = "racking.assets.folder"

bp = Blueprint("assets", __name__, url_prefix="/assets")


@dataclass(frozen=True)
class Asset:
    """A file as it is sent."""

    body: bytes
    content_type: str
    is_packable: bool

    @cached_property
    def packed(self) -> bytes:
        return gzip.compress(self.body, 9, mtime=0)


@dataclass(frozen=True)
class Assets:
    """All files of the folder under the digest of their content."""

    digest: str
    files: dict[str, Asset]


def init_assets(app: Flask, folder: Path) -> None:
    app.extensions[EXTENSION] = read_assets(folder)
    app.extensions[FOLDER] = folder
    app.register_blueprint(bp)
    app.add_template_global(asset)


def asset(name: str) -> str:
    """The address of a file of `static/`. Raises KeyError for one that is not there."""
    assets = _current()
    assert name in assets.files, f"no file static/{name}"
    return url_for("assets.show", digest=assets.digest, name=name)


@bp.get("/<digest>/<path:name>")
@open_to_all
def show(digest: str, name: str) -> Response:
    assets = _current()
    found = assets.files.get(name)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    response = Response(found.body, content_type=found.content_type)
    if found.is_packable:
        response.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"] > 0:
            response.set_data(found.packed)
            response.content_encoding = "gzip"
    # A page from before an upgrade gets the new file, but may not keep it under the old name.
    response.headers["Cache-Control"] = FOR_EVER if digest == assets.digest else "no-cache"
    return response


def read_assets(folder: Path) -> Assets:
    files = {
        path.relative_to(folder).as_posix(): _asset(path.suffix, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.suffix in SERVED
    }
    sheets = b"\n".join(files.pop(f"css/{name}.css").body for name in SHEETS)
    files["css/pages.css"] = _asset(".css", sheets)
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + hashlib.sha256(files[name].body).digest())
    return Assets(digest.hexdigest()[:16], files)


def _asset(suffix: str, body: bytes) -> Asset:
    guessed = {".woff2": "font/woff2", ".js": "text/javascript"}.get(suffix)
    kind = guessed or mimetypes.types_map.get(suffix, "application/octet-stream")
    text = suffix in PACKED and suffix != ".webmanifest"
    return Asset(body, f"{kind}; charset=utf-8" if text else kind, suffix in PACKED)


def _current() -> Assets:
    if current_app.debug:  # what is being written is seen at once
        current_app.extensions[EXTENSION] = read_assets(current_app.extensions[FOLDER])
    assets: Assets = current_app.extensions[EXTENSION]
    return assets
