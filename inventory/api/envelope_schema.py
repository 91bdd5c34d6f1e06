"""The envelope as the document describes it, and the errors every endpoint may answer."""

from typing import Any, Final

from inventory.api.operation import SAFE, Operation

MOMENT: Final = {"type": "string", "format": "date-time"}
META: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "timestamp": MOMENT,
        "requestId": {"type": "string"},
        "dryRun": {"const": True, "description": "Only of a rehearsal: nothing was kept."},
    },
    "required": ["timestamp", "requestId"],
}
PAGINATION: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "hasMore": {"type": "boolean"},
        "nextCursor": {"type": ["string", "null"]},
        "limit": {"type": "integer"},
        "total": {"type": "integer", "minimum": 0},
        "nextOffset": {"type": ["integer", "null"], "description": "Only where `offset` was used."},
    },
    "required": ["hasMore", "nextCursor", "limit", "total"],
}
DETAIL: Final = {"type": "object", "additionalProperties": True}

# Status, name in the document, codes, when it is answered.
ERRORS: Final = {
    400: ("BadRequest", ("BAD_REQUEST",), "The request cannot be read."),
    401: ("Unauthorized", ("UNAUTHORIZED",), "The key is missing, malformed, revoked or expired."),
    403: ("Forbidden", ("FORBIDDEN",), "The key lacks the scope, or its user the permission."),
    404: ("NotFound", ("NOT_FOUND",), "There is no such thing in this company."),
    409: (
        "Conflict",
        ("CONFLICT", "REQUEST_IN_PROGRESS"),
        "A value is taken, the object has changed, or a twin of the request is running.",
    ),
    412: ("PreconditionFailed", ("PRECONDITION_FAILED",), "The object has changed (`If-Match`)."),
    413: ("PayloadTooLarge", ("PAYLOAD_TOO_LARGE",), "The body is larger than 1 MB."),
    422: (
        "Unprocessable",
        (
            "VALIDATION_ERROR",
            "BUSINESS_RULE_VIOLATION",
            "INVALID_COMPANY",
            "IDEMPOTENCY_KEY_REUSED",
            "FORMAT_NOT_SUPPORTED",
        ),
        "A field is wrong or a rule of the trade says no; all problems are named at once.",
    ),
    429: ("TooManyRequests", ("RATE_LIMIT_EXCEEDED",), "Too many requests; see `Retry-After`."),
    500: ("Broken", ("INTERNAL_SERVER_ERROR",), "A mistake of ours. Nothing was changed."),
    503: ("Unavailable", ("SERVICE_UNAVAILABLE",), "The database is away or too busy."),
}


def _response(codes: tuple[str, ...], words: str) -> dict[str, Any]:
    error = {
        "type": "object",
        "properties": {
            "code": {"type": "string", "enum": list(codes)},
            "message": {"type": "string"},
            "details": {"type": "array", "items": DETAIL},
            "requestId": {"type": "string"},
            "timestamp": MOMENT,
            "documentation": {"type": "string", "format": "uri"},
        },
        "required": ["code", "message", "details", "requestId", "timestamp", "documentation"],
    }
    schema = {
        "type": "object",
        "properties": {"success": {"const": False}, "error": error, "meta": META},
        "required": ["success", "error", "meta"],
    }
    return {"description": words, "content": {"application/json": {"schema": schema}}}


ERROR_RESPONSES: Final = {name: _response(codes, words) for name, codes, words in ERRORS.values()}


def error_responses(declared: Operation, method: str, *, has_path: bool) -> dict[str, Any]:
    """References to the errors that an endpoint may answer."""
    if declared.is_public:
        return {}
    statuses = {401, 403, 422, 429, 500, 503}
    reads = declared.body is not None or declared.is_upload
    if has_path or reads:
        statuses.add(404)
    if method not in SAFE:
        statuses |= {400, 409, 412, 413} if reads else {409, 412}
    return {
        str(status): {"$ref": f"#/components/responses/{ERRORS[status][0]}"}
        for status in sorted(statuses)
    }
