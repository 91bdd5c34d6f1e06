"""transfer tallies"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'


def upgrade() -> None:
    op.create_table('transfer_tallies',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('line_id', sa.BigInteger(), nullable=False),
    sa.Column('stage', sa.String(length=10), nullable=False),
    sa.Column('counted', sa.BigInteger(), nullable=False),
    sa.Column('damaged', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.String(length=30), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('counted_at', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("stage IN ('ship', 'receive')", name=op.f('ck_transfer_tallies_stage')),
    sa.CheckConstraint('counted >= 0 AND damaged >= 0', name=op.f('ck_transfer_tallies_counted')),
    sa.ForeignKeyConstraint(['company_id', 'line_id'], ['transfer_lines.company_id', 'transfer_lines.id'], name=op.f('fk_transfer_tallies_company_id_line_id')),
    sa.PrimaryKeyConstraint('company_id', 'line_id', 'stage', name=op.f('pk_transfer_tallies')),
    sqlite_strict=True,
    sqlite_with_rowid=False
    )


def downgrade() -> None:
    op.drop_table('transfer_tallies')
