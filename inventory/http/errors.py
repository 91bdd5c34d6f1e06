"""What each family of refusals answers: status, code and details, for pages and JSON alike."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from inventory.domain.errors import (
    Busy,
    Conflict,
    Forbidden,
    Invalid,
    KeyReused,
    MaximumExceeded,
    NotFound,
    Problem,
    Refusal,
    RequestInProgress,
    RuleBroken,
    Unreachable,
)
from inventory.domain.keys import KeyRefused

Details = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Answer:
    """How a refusal is told.

    code     stable, for programs
    details  one entry for each thing wrong
    headers  beside the status
    facts    beside code and message
    """

    status: HTTPStatus
    code: str
    message: str
    details: Details = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


def answer_to(refusal: Refusal) -> Answer:
    """The answer to any refusal; one of an unknown family is a programming mistake."""
    for family, make in _ANSWERS:
        if isinstance(refusal, family):
            return make(refusal)
    raise refusal


def _to_forbidden(refusal: Any) -> Answer:
    details = [{"required_permission": refusal.permission}]
    return Answer(HTTPStatus.FORBIDDEN, "FORBIDDEN", str(refusal), details)


def _to_not_found(refusal: Any) -> Answer:
    details = [
        {"resource": one.resource, "id": one.id, "field": one.field}
        for one in (refusal, *refusal.others)
    ]
    return Answer(HTTPStatus.NOT_FOUND, "NOT_FOUND", str(refusal), details)


def _to_conflict(refusal: Any) -> Answer:
    return Answer(HTTPStatus.CONFLICT, "CONFLICT", str(refusal), [dict(refusal.facts)])


def _to_twin(refusal: Any) -> Answer:
    return Answer(
        HTTPStatus.CONFLICT,
        "REQUEST_IN_PROGRESS",
        str(refusal),
        [dict(refusal.facts)],
        {"Retry-After": "2"},
    )


def _to_invalid(refusal: Any) -> Answer:
    return Answer(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "VALIDATION_ERROR",
        "Some fields are not valid.",
        [problem_details(problem) for problem in refusal.problems],
    )


def problem_details(problem: Problem) -> dict[str, Any]:
    """A problem as answers show it; what is unknown is left out."""
    details: dict[str, Any] = {
        "field": problem.field,
        "message": problem.message,
        "code": problem.code,
    }
    if problem.value is not None:
        details["value"] = problem.value
    if problem.constraint is not None:
        details["constraint"] = problem.constraint
    return details


def _to_maximum(refusal: Any) -> Answer:
    return _to_invalid(Invalid([Problem(refusal.field, str(refusal), "MAX_VALUE")]))


def _to_rule(refusal: Any) -> Answer:
    return Answer(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "BUSINESS_RULE_VIOLATION",
        str(refusal),
        [_rule_details(one) for one in _all_rules(refusal)],
    )


def _all_rules(refusal: RuleBroken) -> Iterator[RuleBroken]:
    yield refusal
    yield from refusal.others


def _rule_details(broken: RuleBroken) -> dict[str, Any]:
    return {"rule": broken.rule, "message": str(broken), **broken.facts}


def _to_reused(refusal: Any) -> Answer:
    return Answer(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "IDEMPOTENCY_KEY_REUSED",
        str(refusal),
        [{"field": "Idempotency-Key"}],
    )


def _to_away(refusal: Any) -> Answer:
    return Answer(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "SERVICE_UNAVAILABLE",
        str(refusal),
        headers={"Retry-After": "1"},
    )


def _to_unauthorized(refusal: Any) -> Answer:
    details = [{"field": "authorization", "message": str(refusal), "code": "INVALID_API_KEY"}]
    challenge = {"WWW-Authenticate": "Bearer"}
    return Answer(HTTPStatus.UNAUTHORIZED, "UNAUTHORIZED", str(refusal), details, challenge)


# The first family that fits answers, so a special case stands before its family.
_ANSWERS = (
    (KeyRefused, _to_unauthorized),
    (Forbidden, _to_forbidden),
    (NotFound, _to_not_found),
    (RequestInProgress, _to_twin),
    (Conflict, _to_conflict),
    (Invalid, _to_invalid),
    (MaximumExceeded, _to_maximum),
    (RuleBroken, _to_rule),
    (KeyReused, _to_reused),
    (Busy, _to_away),
    (Unreachable, _to_away),
)
