"""transfers"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'


def upgrade() -> None:
    op.create_table('approval_steps',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('stage', sa.String(length=10), nullable=False),
    sa.Column('role', sa.String(length=30), nullable=False),
    sa.Column('from_location_id', sa.BigInteger(), nullable=True),
    sa.Column('to_location_id', sa.BigInteger(), nullable=True),
    sa.Column('minimum_value', sa.BigInteger(), nullable=True),
    sa.Column('updated_by', sa.BigInteger(), nullable=False),
    sa.Column('updated_at', sa.BigInteger(), nullable=False),
    sa.CheckConstraint("stage IN ('release', 'receipt')", name=op.f('ck_approval_steps_stage')),
    sa.ForeignKeyConstraint(['company_id', 'from_location_id'], ['locations.company_id', 'locations.id'], name=op.f('fk_approval_steps_company_id_from_location_id')),
    sa.ForeignKeyConstraint(['company_id', 'to_location_id'], ['locations.company_id', 'locations.id'], name=op.f('fk_approval_steps_company_id_to_location_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_approval_steps_company_id')),
    sa.PrimaryKeyConstraint('company_id', 'id', name=op.f('pk_approval_steps')),
    sqlite_strict=True
    )
    op.create_table('transfers',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('public_id', sa.String(length=64), nullable=False),
    sa.Column('number', sa.String(length=30), nullable=False),
    sa.Column('date', sa.String(length=10), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('from_location_id', sa.BigInteger(), nullable=False),
    sa.Column('to_location_id', sa.BigInteger(), nullable=False),
    sa.Column('reference', sa.String(length=100), nullable=False),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.Column('requests_approval', sa.Boolean(), nullable=False),
    sa.Column('shipping_method', sa.String(length=100), nullable=False),
    sa.Column('tracking_number', sa.String(length=100), nullable=False),
    sa.Column('estimated_delivery', sa.BigInteger(), nullable=True),
    sa.Column('shipped_at', sa.BigInteger(), nullable=True),
    sa.Column('delivered_at', sa.BigInteger(), nullable=True),
    sa.Column('total_value', sa.BigInteger(), nullable=False),
    sa.Column('created_by', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('updated_at', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('from_location_id <> to_location_id', name=op.f('ck_transfers_moves')),
    sa.ForeignKeyConstraint(['company_id', 'from_location_id'], ['locations.company_id', 'locations.id'], name=op.f('fk_transfers_company_id_from_location_id')),
    sa.ForeignKeyConstraint(['company_id', 'to_location_id'], ['locations.company_id', 'locations.id'], name=op.f('fk_transfers_company_id_to_location_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_transfers_company_id')),
    sa.PrimaryKeyConstraint('company_id', 'id', name=op.f('pk_transfers')),
    sa.UniqueConstraint('company_id', 'number', name=op.f('uq_transfers_company_id_number')),
    sa.UniqueConstraint('company_id', 'public_id', name=op.f('uq_transfers_company_id_public_id')),
    sqlite_strict=True
    )
    with op.batch_alter_table('transfers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_transfers_company_id_date_id'), ['company_id', 'date', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_transfers_company_id_reference'), ['company_id', 'reference'], unique=False)
        batch_op.create_index('ix_transfers_from', ['company_id', 'from_location_id', 'date', 'id'], unique=False)
        batch_op.create_index('ix_transfers_status', ['company_id', 'status', 'date', 'id'], unique=False)
        batch_op.create_index('ix_transfers_to', ['company_id', 'to_location_id', 'date', 'id'], unique=False)

    op.create_table('transfer_approvals',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('transfer_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('stage', sa.String(length=10), nullable=False),
    sa.Column('role', sa.String(length=30), nullable=False),
    sa.Column('approved_by', sa.BigInteger(), nullable=True),
    sa.Column('approved_at', sa.BigInteger(), nullable=True),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'transfer_id'], ['transfers.company_id', 'transfers.id'], name=op.f('fk_transfer_approvals_company_id_transfer_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_transfer_approvals_company_id')),
    sa.PrimaryKeyConstraint('company_id', 'transfer_id', 'number', name=op.f('pk_transfer_approvals')),
    sqlite_strict=True
    )
    with op.batch_alter_table('transfer_approvals', schema=None) as batch_op:
        batch_op.create_index('ix_transfer_approvals_waiting', ['company_id', 'role', 'transfer_id'], unique=False, postgresql_where=sa.text('approved_at IS NULL'), sqlite_where=sa.text('approved_at IS NULL'))

    op.create_table('transfer_lines',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('public_id', sa.String(length=64), nullable=False),
    sa.Column('transfer_id', sa.BigInteger(), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.BigInteger(), nullable=False),
    sa.Column('place_id', sa.BigInteger(), nullable=True),
    sa.Column('requested', sa.BigInteger(), nullable=False),
    sa.Column('shipped', sa.BigInteger(), nullable=False),
    sa.Column('received', sa.BigInteger(), nullable=False),
    sa.Column('damaged', sa.BigInteger(), nullable=False),
    sa.Column('lost', sa.BigInteger(), nullable=False),
    sa.Column('returned', sa.BigInteger(), nullable=False),
    sa.Column('unit_cost', sa.BigInteger(), nullable=False),
    sa.Column('total_cost', sa.BigInteger(), nullable=False),
    sa.Column('shipped_at', sa.BigInteger(), nullable=True),
    sa.Column('closed_at', sa.BigInteger(), nullable=True),
    sa.Column('batch', sa.String(length=100), nullable=False),
    sa.Column('serials', sa.Text(), nullable=False),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.CheckConstraint('received >= 0 AND damaged >= 0 AND lost >= 0 AND returned >= 0 AND received + damaged + lost + returned <= shipped', name=op.f('ck_transfer_lines_arrived')),
    sa.CheckConstraint('requested > 0', name=op.f('ck_transfer_lines_requested')),
    sa.CheckConstraint('shipped >= 0 AND shipped <= requested', name=op.f('ck_transfer_lines_shipped')),
    sa.ForeignKeyConstraint(['company_id', 'item_id'], ['items.company_id', 'items.id'], name=op.f('fk_transfer_lines_company_id_item_id')),
    sa.ForeignKeyConstraint(['company_id', 'place_id'], ['places.company_id', 'places.id'], name=op.f('fk_transfer_lines_company_id_place_id')),
    sa.ForeignKeyConstraint(['company_id', 'transfer_id'], ['transfers.company_id', 'transfers.id'], name=op.f('fk_transfer_lines_company_id_transfer_id')),
    sa.PrimaryKeyConstraint('company_id', 'id', name=op.f('pk_transfer_lines')),
    sa.UniqueConstraint('company_id', 'public_id', name=op.f('uq_transfer_lines_company_id_public_id')),
    sa.UniqueConstraint('company_id', 'transfer_id', 'line', name=op.f('uq_transfer_lines_company_id_transfer_id_line')),
    sqlite_strict=True
    )
    with op.batch_alter_table('transfer_lines', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_transfer_lines_company_id_item_id'), ['company_id', 'item_id'], unique=False)
        batch_op.create_index('ix_transfer_lines_place', ['company_id', 'place_id'], unique=False)
        batch_op.create_index('ix_transfer_lines_road', ['company_id', 'closed_at', 'shipped_at'], unique=False)

    op.create_table('transfer_steps',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('transfer_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('command', sa.String(length=20), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('recorded_at', sa.BigInteger(), nullable=False),
    sa.Column('effective_at', sa.BigInteger(), nullable=True),
    sa.Column('reason', sa.String(length=30), nullable=False),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'transfer_id'], ['transfers.company_id', 'transfers.id'], name=op.f('fk_transfer_steps_company_id_transfer_id')),
    sa.PrimaryKeyConstraint('company_id', 'id', name=op.f('pk_transfer_steps')),
    sa.UniqueConstraint('company_id', 'transfer_id', 'number', name=op.f('uq_transfer_steps_company_id_transfer_id_number')),
    sqlite_strict=True
    )
    op.create_table('transfer_step_lines',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('step_id', sa.BigInteger(), nullable=False),
    sa.Column('line_id', sa.BigInteger(), nullable=False),
    sa.Column('shipped', sa.BigInteger(), nullable=False),
    sa.Column('received', sa.BigInteger(), nullable=False),
    sa.Column('damaged', sa.BigInteger(), nullable=False),
    sa.Column('missing', sa.BigInteger(), nullable=False),
    sa.Column('returned', sa.BigInteger(), nullable=False),
    sa.Column('lost', sa.BigInteger(), nullable=False),
    sa.Column('found', sa.BigInteger(), nullable=False),
    sa.Column('written_off', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.String(length=30), nullable=False),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'line_id'], ['transfer_lines.company_id', 'transfer_lines.id'], name=op.f('fk_transfer_step_lines_company_id_line_id')),
    sa.ForeignKeyConstraint(['company_id', 'step_id'], ['transfer_steps.company_id', 'transfer_steps.id'], name=op.f('fk_transfer_step_lines_company_id_step_id')),
    sa.PrimaryKeyConstraint('company_id', 'step_id', 'line_id', name=op.f('pk_transfer_step_lines')),
    sqlite_strict=True,
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('transfer_step_lines', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_transfer_step_lines_company_id_line_id'), ['company_id', 'line_id'], unique=False)


def downgrade() -> None:
    for table in ('transfer_step_lines', 'transfer_steps', 'transfer_lines', 'transfer_approvals', 'transfers', 'approval_steps'):
        op.drop_table(table)
