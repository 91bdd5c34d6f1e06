"""reservations"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
