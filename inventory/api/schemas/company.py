"""The company, the key and the state of the service as JSON."""

from inventory.api.schemas.base import ApiOut, Instant
from inventory.models.identity import Company


class CompanyOut(ApiOut):
    """The company a key belongs to."""

    id: str
    name: str
    currency: str
    country: str
    plan: str
    timezone: str
    valuation_method: str
    allow_negative_stock: bool
    created_at: Instant

    @classmethod
    def of(cls, company: Company) -> "CompanyOut":
        return cls(
            id=company.public_id,
            name=company.name,
            currency=company.currency,
            country=company.country,
            plan=company.plan,
            timezone=company.timezone,
            valuation_method=company.book_method,
            allow_negative_stock=company.allow_negative_stock,
            created_at=company.created_at,
        )


class CompanyBrief(ApiOut):
    """The company in a few words."""

    id: str
    name: str
    plan: str


class VerifiedOut(ApiOut):
    """Whose key this is and what it may do."""

    authenticated: bool
    company: CompanyBrief
    permissions: list[str]


class HealthDetails(ApiOut):
    """What administrators may know."""

    database: str
    schema_revision: str
    database_milliseconds: int


class HealthOut(ApiOut, omit_defaults=True):
    """The state of the service. Details are for administrators."""

    status: str
    version: str
    timestamp: Instant
    region: str
    details: HealthDetails | None = None
