"""counts"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'


def upgrade() -> None:
    op.create_table('counts',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('public_id', sa.String(length=64), nullable=False),
    sa.Column('number', sa.String(length=30), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('location_id', sa.BigInteger(), nullable=False),
    sa.Column('scope', sa.JSON(), nullable=False),
    sa.Column('is_blind', sa.Boolean(), nullable=False),
    sa.Column('tolerance', sa.BigInteger(), nullable=True),
    sa.Column('due_at', sa.BigInteger(), nullable=True),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.Column('lines', sa.Integer(), nullable=False),
    sa.Column('counted', sa.Integer(), nullable=False),
    sa.Column('recounts', sa.Integer(), nullable=False),
    sa.Column('uncounted_as', sa.String(length=10), nullable=False),
    sa.Column('adjustment_id', sa.BigInteger(), nullable=True),
    sa.Column('created_by', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('finished_by', sa.BigInteger(), nullable=True),
    sa.Column('finished_at', sa.BigInteger(), nullable=True),
    sa.Column('closed_by', sa.BigInteger(), nullable=True),
    sa.Column('closed_at', sa.BigInteger(), nullable=True),
    sa.Column('cancel_reason', sa.String(length=500), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('counted + recounts <= lines', name=op.f('ck_counts_progress')),
    sa.ForeignKeyConstraint(['company_id', 'adjustment_id'], ['adjustments.company_id', 'adjustments.id'], name=op.f('fk_counts_company_id_adjustment_id')),
    sa.ForeignKeyConstraint(['company_id', 'location_id'], ['locations.company_id', 'locations.id'], name=op.f('fk_counts_company_id_location_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_counts_company_id')),
    sa.PrimaryKeyConstraint('company_id', 'id', name=op.f('pk_counts')),
    sa.UniqueConstraint('company_id', 'number', name=op.f('uq_counts_company_id_number')),
    sa.UniqueConstraint('company_id', 'public_id', name=op.f('uq_counts_company_id_public_id')),
    sqlite_strict=True
    )
    with op.batch_alter_table('counts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_counts_company_id_location_id'), ['company_id', 'location_id'], unique=False)
        batch_op.create_index('ix_counts_created', ['company_id', 'created_at', 'id'], unique=False)
        batch_op.create_index('ix_counts_status', ['company_id', 'status', 'created_at', 'id'], unique=False)

    op.create_table('count_counters',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('count_id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'count_id'], ['counts.company_id', 'counts.id'], name=op.f('fk_count_counters_company_id_count_id')),
    sa.PrimaryKeyConstraint('company_id', 'count_id', 'user_id', name=op.f('pk_count_counters')),
    sqlite_strict=True,
    sqlite_with_rowid=False
    )
    op.create_table('count_lines',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('public_id', sa.String(length=64), nullable=False),
    sa.Column('count_id', sa.BigInteger(), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.BigInteger(), nullable=False),
    sa.Column('bin', sa.String(length=50), nullable=False),
    sa.Column('lot_number', sa.String(length=100), nullable=False),
    sa.Column('expires_on', sa.String(length=10), nullable=True),
    sa.Column('made_on', sa.String(length=10), nullable=True),
    sa.Column('is_added', sa.Boolean(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('since', sa.BigInteger(), nullable=False),
    sa.Column('quantity', sa.BigInteger(), nullable=True),
    sa.Column('first_at', sa.BigInteger(), nullable=True),
    sa.Column('counted_at', sa.BigInteger(), nullable=True),
    sa.Column('counted_by', sa.BigInteger(), nullable=True),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.Column('reason', sa.String(length=30), nullable=False),
    sa.Column('accepted_by', sa.BigInteger(), nullable=True),
    sa.Column('accepted_at', sa.BigInteger(), nullable=True),
    sa.Column('is_assumed', sa.Boolean(), nullable=False),
    sa.Column('expected', sa.BigInteger(), nullable=True),
    sa.Column('variance', sa.BigInteger(), nullable=True),
    sa.Column('variance_value', sa.BigInteger(), nullable=True),
    sa.Column('adjustment_line', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['company_id', 'count_id'], ['counts.company_id', 'counts.id'], name=op.f('fk_count_lines_company_id_count_id')),
    sa.ForeignKeyConstraint(['company_id', 'item_id'], ['items.company_id', 'items.id'], name=op.f('fk_count_lines_company_id_item_id')),
    sa.PrimaryKeyConstraint('company_id', 'id', name=op.f('pk_count_lines')),
    sa.UniqueConstraint('company_id', 'count_id', 'item_id', 'lot_number', name=op.f('uq_count_lines_company_id_count_id_item_id_lot_number')),
    sa.UniqueConstraint('company_id', 'count_id', 'line', name=op.f('uq_count_lines_company_id_count_id_line')),
    sa.UniqueConstraint('company_id', 'public_id', name=op.f('uq_count_lines_company_id_public_id')),
    sqlite_strict=True
    )
    with op.batch_alter_table('count_lines', schema=None) as batch_op:
        batch_op.create_index('ix_count_lines_counted', ['company_id', 'item_id', 'counted_at'], unique=False)

    op.create_table('count_attempts',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('line_id', sa.BigInteger(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('since', sa.BigInteger(), nullable=False),
    sa.Column('quantity', sa.BigInteger(), nullable=True),
    sa.Column('first_at', sa.BigInteger(), nullable=True),
    sa.Column('counted_at', sa.BigInteger(), nullable=True),
    sa.Column('counted_by', sa.BigInteger(), nullable=True),
    sa.Column('ended_at', sa.BigInteger(), nullable=False),
    sa.Column('ended_by', sa.BigInteger(), nullable=False),
    sa.Column('why', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'line_id'], ['count_lines.company_id', 'count_lines.id'], name=op.f('fk_count_attempts_company_id_line_id')),
    sa.PrimaryKeyConstraint('company_id', 'line_id', 'attempt', name=op.f('pk_count_attempts')),
    sqlite_strict=True,
    sqlite_with_rowid=False
    )
    op.create_table('count_scans',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('count_id', sa.BigInteger(), nullable=False),
    sa.Column('event_id', sa.String(length=64), nullable=False),
    sa.Column('line_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=4), nullable=False),
    sa.Column('quantity', sa.BigInteger(), nullable=True),
    sa.Column('undoes', sa.String(length=64), nullable=False),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('stated_at', sa.BigInteger(), nullable=False),
    sa.Column('recorded_at', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.CheckConstraint("(quantity IS NULL) = (kind IN ('undo', 'note'))", name=op.f('ck_count_scans_quantity')),
    sa.CheckConstraint("kind IN ('set', 'add', 'undo', 'note')", name=op.f('ck_count_scans_kind')),
    sa.ForeignKeyConstraint(['company_id', 'count_id'], ['counts.company_id', 'counts.id'], name=op.f('fk_count_scans_company_id_count_id')),
    sa.ForeignKeyConstraint(['company_id', 'line_id'], ['count_lines.company_id', 'count_lines.id'], name=op.f('fk_count_scans_company_id_line_id')),
    sa.PrimaryKeyConstraint('company_id', 'count_id', 'event_id', name=op.f('pk_count_scans')),
    sqlite_strict=True,
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('count_scans', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_count_scans_company_id_line_id'), ['company_id', 'line_id'], unique=False)


def downgrade() -> None:
    op.drop_table('count_scans')
    op.drop_table('count_attempts')
    op.drop_table('count_lines')
    op.drop_table('count_counters')
    op.drop_table('counts')
