"""Decoding pictures that people send, and encoding them anew without anything else in them."""

from io import BytesIO
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from inventory.domain.errors import Invalid
from inventory.domain.images import BYTES_MAX, FORMATS, PIXELS_MAX, Picture

QUALITY: Final = {"JPEG": 88, "WEBP": 85}

# The library only warns of huge pictures, and far later than we refuse them.
Image.MAX_IMAGE_PIXELS = None


def read_picture(data: bytes, *, field: str = "file") -> Picture:
    """The picture, upright and without metadata. Only the first frame of a moving one is kept.

    field  path in the request, for refusals

    Raises Invalid: too many bytes, no PNG, JPEG or WebP, too many pixels, or broken inside.
    """
    if len(data) > BYTES_MAX:
        raise Invalid.one(
            field,
            f"Use a file of {BYTES_MAX // 1_000_000} MB at most.",
            "MAX_VALUE",
            value=len(data),
            constraint=f"<= {BYTES_MAX} bytes",
        )
    try:
        opened = Image.open(BytesIO(data), formats=tuple(FORMATS))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise _not_a_picture(field) from None
    with opened:
        _refuse_huge(opened, field)  # by its head alone: nothing is decoded yet
        try:
            upright = ImageOps.exif_transpose(opened)
            return _encoded(upright, str(opened.format))
        except (OSError, ValueError, SyntaxError, EOFError):
            raise _not_a_picture(field) from None


def _refuse_huge(opened: Image.Image, field: str) -> None:
    pixels = opened.width * opened.height
    if pixels > PIXELS_MAX:
        raise Invalid.one(
            field,
            f"Use a picture of {PIXELS_MAX // 1_000_000} megapixels at most.",
            "MAX_VALUE",
            value=pixels,
            constraint=f"<= {PIXELS_MAX} pixels",
        )


def _encoded(picture: Image.Image, kind: str) -> Picture:
    has_alpha = kind != "JPEG" and picture.has_transparency_data
    plain = picture.convert("RGBA" if has_alpha else "RGB")
    plain.info.clear()  # the formats would write what the file said of itself
    written = BytesIO()
    plain.save(written, kind, **({"quality": QUALITY[kind]} if kind in QUALITY else {}))
    return Picture(written.getvalue(), FORMATS[kind][0], plain.width, plain.height)


def _not_a_picture(field: str) -> Invalid:
    return Invalid.one(field, "Use a PNG, JPEG or WebP picture.", "INVALID_FORMAT")
