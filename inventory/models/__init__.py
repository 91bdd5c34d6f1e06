"""The tables: columns, constraints, derived properties. No queries, no verbs."""

from inventory.models import identity as identity
from inventory.models.base import Base as Base
