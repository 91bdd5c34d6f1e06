"""Pictures of items: which files are taken."""

from dataclasses import dataclass
from typing import Final

BYTES_MAX: Final = 5_000_000
PIXELS_MAX: Final = 20_000_000

# Format -> ending of our files and their type.
FORMATS: Final = {
    "JPEG": ("jpg", "image/jpeg"),
    "PNG": ("png", "image/png"),
    "WEBP": ("webp", "image/webp"),
}
TYPES: Final = dict(FORMATS.values())  # ending -> type


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept: decoded and encoded anew, so that nothing else is in it."""

    data: bytes
    ending: str
    width: int
    height: int


def type_of_file(name: str) -> str:
    """The type of one of our files, told by its name alone."""
    return TYPES[name.rpartition(".")[2]]
