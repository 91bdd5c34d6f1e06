"""Pictures as JSON, on the way in."""

from typing import Literal

from inventory.api.schemas.base import ApiIn, example


class ImageChange(ApiIn, json_schema_extra=example(isPrimary=True)):
    """What of a picture may change: it can become the primary one."""

    is_primary: Literal[True]
