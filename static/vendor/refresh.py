"""Fetch what we ship of others, in exactly the versions named here, and write the lock list.

Run by hand after changing a version or an icon: `python static/vendor/refresh.py`. It needs
npm and nothing else; the application and its tests never call it.
"""

import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent
HTMX = "htmx.org@4.0.1"
INTER = "@fontsource-variable/inter@5.3.0"
LUCIDE = "lucide-static@1.62.0"

# (package, file inside it, where it goes, licence)
FILES = [
    (HTMX, "dist/htmx.min.js", "vendor/htmx.min.js", "0BSD"),
    (INTER, "files/inter-latin-wght-normal.woff2", "fonts/inter-latin.woff2", "OFL-1.1"),
    (INTER, "files/inter-latin-ext-wght-normal.woff2", "fonts/inter-latin-ext.woff2", "OFL-1.1"),
]
SPRITE = "icons/sprite.svg"
ICONS = (STATIC / "icons" / "names.txt").read_text().split()
SHAPE = re.compile(r"<(?:path|circle|rect|line|polyline|polygon|ellipse)\b[^>]*/>", re.DOTALL)


def main() -> None:
    """Fetch, copy, draw the sprite, lock."""
    with tempfile.TemporaryDirectory() as folder:
        roots = {package: unpack(package, Path(folder)) for package in (HTMX, INTER, LUCIDE)}
        for package, source, target, _ in FILES:
            (STATIC / target).write_bytes((roots[package] / source).read_bytes())
        (STATIC / SPRITE).write_text(sprite(roots[LUCIDE] / "icons"))
        for package, root in roots.items():
            name = package.strip("@").partition("@")[0].replace("/", "-")
            (STATIC / "vendor" / f"LICENCE-{name}.txt").write_bytes((root / "LICENSE").read_bytes())
    lock = [entry(*file) for file in FILES]
    lock.append(entry(LUCIDE, "icons/*.svg", SPRITE, "ISC"))
    (STATIC / "vendor" / "lock.json").write_text(json.dumps(lock, indent=2) + "\n")


def unpack(package: str, folder: Path) -> Path:
    """Download a package and give the folder of its files."""
    packed = subprocess.run(  # noqa: S603  # the packages named above
        ["npm", "pack", "--silent", package],  # noqa: S607  # wherever npm lives
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    archive = folder / packed.stdout.split()[-1]
    target = folder / archive.stem
    with tarfile.open(archive) as file:
        file.extractall(target, filter="data")
    return target / "package"


def sprite(icons: Path) -> str:
    """One SVG with a symbol for each icon we use; colour and stroke are left to the page."""
    symbols = [
        f'<symbol id="{name}" viewBox="0 0 24 24">{shapes(icons / f"{name}.svg")}</symbol>'
        for name in ICONS
    ]
    return "\n".join(
        [
            "<!-- Lucide, ISC licence: lucide.dev/license -->",
            '<svg xmlns="http://www.w3.org/2000/svg">',
            *symbols,
            "</svg>\n",
        ]
    )


def shapes(path: Path) -> str:
    """The drawing of an icon, without its frame."""
    return "".join(re.sub(r"\s+", " ", one) for one in SHAPE.findall(path.read_text()))


def entry(package: str, source: str, target: str, licence: str) -> dict[str, str]:
    """A line of the lock list."""
    name, _, version = package.rpartition("@")
    digest = hashlib.sha256((STATIC / target).read_bytes()).hexdigest()
    return {
        "file": target,
        "package": name,
        "version": version,
        "source": source,
        "licence": licence,
        "sha256": digest,
    }


if __name__ == "__main__":
    main()
