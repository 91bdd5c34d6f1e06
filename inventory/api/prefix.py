"""Where the JSON room is."""

from typing import Final

PREFIX: Final = "/api/v1"
SHORT: Final = "/v1"  # the same room under a shorter address


def is_json_address(path: str) -> bool:
    """Whether an address belongs to the room, before or after the short one was lengthened."""
    return path.startswith(("/api/", f"{SHORT}/")) or path in {"/api", SHORT}
