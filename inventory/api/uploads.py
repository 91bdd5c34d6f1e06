"""Reading a form that carries a file."""

from dataclasses import dataclass
from typing import Final

from flask import request

from inventory.api.schemas.query import FLAGS
from inventory.domain.errors import Invalid
from inventory.domain.images import BYTES_MAX
from inventory.domain.strict_json import Malformed

FORM_EXTRA: Final = 100_000  # bytes of a form around its file


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture as it was sent, and whether it is to be the primary one."""

    data: bytes
    is_primary: bool


def read_upload() -> Upload:
    """The file of the request. Raises Malformed, Invalid."""
    request.max_content_length = BYTES_MAX + FORM_EXTRA
    if request.mimetype != "multipart/form-data":
        raise Malformed("Send the file as multipart/form-data.")
    files = request.files.getlist("file")
    if len(files) != 1:
        raise Invalid.one("file", "Send one file under the name 'file'.", "REQUIRED_FIELD")
    data = files[0].stream.read()
    files[0].stream.seek(0)  # read again to tell repeated requests apart
    return Upload(data, _is_primary_wanted())


def _is_primary_wanted() -> bool:
    text = request.form.get("isPrimary", "false").lower()
    if text not in FLAGS:
        raise Invalid.one("isPrimary", "Use true or false.", "INVALID_FORMAT", value=text[:20])
    return FLAGS[text]
