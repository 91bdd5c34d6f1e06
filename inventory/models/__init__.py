"""The tables: columns, constraints, derived properties. No queries, no verbs."""

from inventory.models import adjustments as adjustments
from inventory.models import categories as categories
from inventory.models import counts as counts
from inventory.models import documents as documents
from inventory.models import identity as identity
from inventory.models import items as items
from inventory.models import limits as limits
from inventory.models import locations as locations
from inventory.models import purchasing as purchasing
from inventory.models import reservations as reservations
from inventory.models import stock as stock
from inventory.models import suppliers as suppliers
from inventory.models import transfer_tallies as transfer_tallies
from inventory.models import transfers as transfers
from inventory.models import units as units
from inventory.models.base import Base as Base
