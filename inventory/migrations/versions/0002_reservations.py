"""reservations"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'


def upgrade() -> None:
    op.create_table('reservations',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('public_id', sa.String(length=64), nullable=False),
    sa.Column('item_id', sa.BigInteger(), nullable=False),
    sa.Column('place_id', sa.BigInteger(), nullable=False),
    sa.Column('quantity', sa.BigInteger(), nullable=False),
    sa.Column('fulfilled', sa.BigInteger(), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=True),
    sa.Column('reference', sa.String(length=100), nullable=False),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.Column('document_kind', sa.String(length=20), nullable=False),
    sa.Column('document_id', sa.BigInteger(), nullable=True),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('created_by', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('updated_at', sa.BigInteger(), nullable=False),
    sa.Column('closed_at', sa.BigInteger(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_reservations_quantity')),
    sa.CheckConstraint('fulfilled >= 0 AND fulfilled <= quantity', name=op.f('ck_reservations_fulfilled')),
    sa.CheckConstraint("(status = 'fulfilled') = (fulfilled = quantity)", name=op.f('ck_reservations_status')),
    sa.CheckConstraint("(status = 'active') = (closed_at IS NULL)", name=op.f('ck_reservations_closed')),
    sa.ForeignKeyConstraint(['company_id', 'item_id'], ['items.company_id', 'items.id'], name=op.f('fk_reservations_company_id_item_id')),
    sa.ForeignKeyConstraint(['company_id', 'place_id'], ['locations.company_id', 'locations.id'], name=op.f('fk_reservations_company_id_place_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_reservations_company_id')),
    sa.PrimaryKeyConstraint('company_id', 'id', name=op.f('pk_reservations')),
    sa.UniqueConstraint('company_id', 'public_id', name=op.f('uq_reservations_company_id_public_id')),
    sqlite_strict=True
    )
    with op.batch_alter_table('reservations', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reservations_company_id_created_at_id'), ['company_id', 'created_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_reservations_company_id_reference'), ['company_id', 'reference'], unique=False)
        batch_op.create_index('ix_reservations_active', ['company_id', 'item_id', 'place_id', 'expires_at'], unique=False, postgresql_where=sa.text("status = 'active'"), sqlite_where=sa.text("status = 'active'"))
        batch_op.create_index('ix_reservations_expiring', ['company_id', 'expires_at'], unique=False, postgresql_where=sa.text("status = 'active' AND expires_at IS NOT NULL"), sqlite_where=sa.text("status = 'active' AND expires_at IS NOT NULL"))
        batch_op.create_index('ix_reservations_document', ['company_id', 'document_kind', 'document_id'], unique=False, postgresql_where=sa.text('document_id IS NOT NULL'), sqlite_where=sa.text('document_id IS NOT NULL'))


def downgrade() -> None:
    op.drop_table('reservations')
