"""purchasing"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'


def upgrade() -> None:
    op.create_table('purchase_orders',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('public_id', sa.String(length=64), nullable=False),
    sa.Column('number', sa.String(length=30), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('origin', sa.String(length=20), nullable=False),
    sa.Column('supplier_id', sa.BigInteger(), nullable=False),
    sa.Column('location_id', sa.BigInteger(), nullable=False),
    sa.Column('date', sa.String(length=10), nullable=False),
    sa.Column('required_date', sa.String(length=10), nullable=True),
    sa.Column('reference', sa.String(length=100), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('exchange_rate', sa.BigInteger(), nullable=True),
    sa.Column('subtotal', sa.BigInteger(), nullable=False),
    sa.Column('discount_total', sa.BigInteger(), nullable=False),
    sa.Column('tax_total', sa.BigInteger(), nullable=False),
    sa.Column('total', sa.BigInteger(), nullable=False),
    sa.Column('delivery_address', sa.JSON(), nullable=False),
    sa.Column('terms', sa.Text(), nullable=False),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.Column('requires_approval', sa.Boolean(), nullable=False),
    sa.Column('approved_by', sa.BigInteger(), nullable=True),
    sa.Column('approved_at', sa.BigInteger(), nullable=True),
    sa.Column('sent_by', sa.BigInteger(), nullable=True),
    sa.Column('sent_at', sa.BigInteger(), nullable=True),
    sa.Column('confirmed_at', sa.BigInteger(), nullable=True),
    sa.Column('closed_at', sa.BigInteger(), nullable=True),
    sa.Column('closed_by', sa.BigInteger(), nullable=True),
    sa.Column('close_reason', sa.String(length=500), nullable=False),
    sa.Column('created_by', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('updated_at', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('exchange_rate > 0', name=op.f('ck_purchase_orders_exchange_rate')),
    sa.ForeignKeyConstraint(['company_id', 'location_id'], ['locations.company_id', 'locations.id'], name=op.f('fk_purchase_orders_company_id_location_id')),
    sa.ForeignKeyConstraint(['company_id', 'supplier_id'], ['suppliers.company_id', 'suppliers.id'], name=op.f('fk_purchase_orders_company_id_supplier_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_purchase_orders_company_id')),
    sa.PrimaryKeyConstraint('company_id', 'id', name=op.f('pk_purchase_orders')),
    sa.UniqueConstraint('company_id', 'number', name=op.f('uq_purchase_orders_company_id_number')),
    sa.UniqueConstraint('company_id', 'public_id', name=op.f('uq_purchase_orders_company_id_public_id')),
    sqlite_strict=True
    )
    with op.batch_alter_table('purchase_orders', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_purchase_orders_company_id_date_id'), ['company_id', 'date', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_purchase_orders_company_id_reference'), ['company_id', 'reference'], unique=False)
        batch_op.create_index('ix_purchase_orders_status', ['company_id', 'status', 'date', 'id'], unique=False)
        batch_op.create_index('ix_purchase_orders_supplier', ['company_id', 'supplier_id', 'date', 'id'], unique=False)

    op.create_table('purchasing_terms',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('receiving_location_id', sa.BigInteger(), nullable=True),
    sa.Column('over_percent', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('updated_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'receiving_location_id'], ['locations.company_id', 'locations.id'], name=op.f('fk_purchasing_terms_company_id_receiving_location_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_purchasing_terms_company_id')),
    sa.PrimaryKeyConstraint('company_id', name=op.f('pk_purchasing_terms')),
    sqlite_strict=True
    )
    op.create_table('goods_receipts',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('public_id', sa.String(length=64), nullable=False),
    sa.Column('number', sa.String(length=30), nullable=False),
    sa.Column('order_id', sa.BigInteger(), nullable=False),
    sa.Column('reverses_id', sa.BigInteger(), nullable=True),
    sa.Column('date', sa.String(length=10), nullable=False),
    sa.Column('reference', sa.String(length=100), nullable=False),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.Column('override_reason', sa.String(length=500), nullable=False),
    sa.Column('total_value', sa.BigInteger(), nullable=False),
    sa.Column('created_by', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('effective_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'order_id'], ['purchase_orders.company_id', 'purchase_orders.id'], name=op.f('fk_goods_receipts_company_id_order_id')),
    sa.ForeignKeyConstraint(['company_id', 'reverses_id'], ['goods_receipts.company_id', 'goods_receipts.id'], name=op.f('fk_goods_receipts_company_id_reverses_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_goods_receipts_company_id')),
    sa.PrimaryKeyConstraint('company_id', 'id', name=op.f('pk_goods_receipts')),
    sa.UniqueConstraint('company_id', 'number', name=op.f('uq_goods_receipts_company_id_number')),
    sa.UniqueConstraint('company_id', 'public_id', name=op.f('uq_goods_receipts_company_id_public_id')),
    sqlite_strict=True
    )
    with op.batch_alter_table('goods_receipts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_goods_receipts_company_id_date_id'), ['company_id', 'date', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_goods_receipts_company_id_order_id'), ['company_id', 'order_id'], unique=False)
        batch_op.create_index('ix_goods_receipts_reverses', ['company_id', 'reverses_id'], unique=True, postgresql_where=sa.text('reverses_id IS NOT NULL'), sqlite_where=sa.text('reverses_id IS NOT NULL'))

    op.create_table('purchase_order_lines',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('public_id', sa.String(length=64), nullable=False),
    sa.Column('order_id', sa.BigInteger(), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.BigInteger(), nullable=False),
    sa.Column('location_id', sa.BigInteger(), nullable=False),
    sa.Column('description', sa.String(length=500), nullable=False),
    sa.Column('quantity', sa.BigInteger(), nullable=False),
    sa.Column('unit_price', sa.BigInteger(), nullable=False),
    sa.Column('discount_percent', sa.BigInteger(), nullable=False),
    sa.Column('discount', sa.BigInteger(), nullable=False),
    sa.Column('line_total', sa.BigInteger(), nullable=False),
    sa.Column('tax_code', sa.String(length=50), nullable=False),
    sa.Column('tax_rate', sa.BigInteger(), nullable=False),
    sa.Column('tax_amount', sa.BigInteger(), nullable=False),
    sa.Column('received', sa.BigInteger(), nullable=False),
    sa.Column('rejected', sa.BigInteger(), nullable=False),
    sa.Column('cancelled', sa.BigInteger(), nullable=False),
    sa.Column('expected_date', sa.String(length=10), nullable=True),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.CheckConstraint('cancelled >= 0 AND cancelled <= quantity', name=op.f('ck_purchase_order_lines_cancelled')),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_purchase_order_lines_quantity')),
    sa.CheckConstraint('received >= 0 AND rejected >= 0', name=op.f('ck_purchase_order_lines_received')),
    sa.ForeignKeyConstraint(['company_id', 'item_id'], ['items.company_id', 'items.id'], name=op.f('fk_purchase_order_lines_company_id_item_id')),
    sa.ForeignKeyConstraint(['company_id', 'location_id'], ['locations.company_id', 'locations.id'], name=op.f('fk_purchase_order_lines_company_id_location_id')),
    sa.ForeignKeyConstraint(['company_id', 'order_id'], ['purchase_orders.company_id', 'purchase_orders.id'], name=op.f('fk_purchase_order_lines_company_id_order_id')),
    sa.PrimaryKeyConstraint('company_id', 'id', name=op.f('pk_purchase_order_lines')),
    sa.UniqueConstraint('company_id', 'order_id', 'line', name=op.f('uq_purchase_order_lines_company_id_order_id_line')),
    sa.UniqueConstraint('company_id', 'public_id', name=op.f('uq_purchase_order_lines_company_id_public_id')),
    sqlite_strict=True
    )
    with op.batch_alter_table('purchase_order_lines', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_purchase_order_lines_company_id_item_id'), ['company_id', 'item_id'], unique=False)
        batch_op.create_index('ix_purchase_order_lines_location', ['company_id', 'location_id'], unique=False)

    op.create_table('goods_receipt_lines',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('receipt_id', sa.BigInteger(), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('order_line_id', sa.BigInteger(), nullable=False),
    sa.Column('item_id', sa.BigInteger(), nullable=False),
    sa.Column('location_id', sa.BigInteger(), nullable=False),
    sa.Column('date', sa.String(length=10), nullable=False),
    sa.Column('received', sa.BigInteger(), nullable=False),
    sa.Column('rejected', sa.BigInteger(), nullable=False),
    sa.Column('reject_reason', sa.String(length=30), nullable=False),
    sa.Column('unit_cost', sa.BigInteger(), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.CheckConstraint('received <> 0 OR rejected <> 0', name=op.f('ck_goods_receipt_lines_came')),
    sa.ForeignKeyConstraint(['company_id', 'item_id'], ['items.company_id', 'items.id'], name=op.f('fk_goods_receipt_lines_company_id_item_id')),
    sa.ForeignKeyConstraint(['company_id', 'location_id'], ['locations.company_id', 'locations.id'], name=op.f('fk_goods_receipt_lines_company_id_location_id')),
    sa.ForeignKeyConstraint(['company_id', 'order_line_id'], ['purchase_order_lines.company_id', 'purchase_order_lines.id'], name=op.f('fk_goods_receipt_lines_company_id_order_line_id')),
    sa.ForeignKeyConstraint(['company_id', 'receipt_id'], ['goods_receipts.company_id', 'goods_receipts.id'], name=op.f('fk_goods_receipt_lines_company_id_receipt_id')),
    sa.PrimaryKeyConstraint('company_id', 'id', name=op.f('pk_goods_receipt_lines')),
    sa.UniqueConstraint('company_id', 'receipt_id', 'line', name=op.f('uq_goods_receipt_lines_company_id_receipt_id_line')),
    sqlite_strict=True
    )
    with op.batch_alter_table('goods_receipt_lines', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_goods_receipt_lines_company_id_order_line_id'), ['company_id', 'order_line_id'], unique=False)
        batch_op.create_index('ix_goods_receipt_lines_item', ['company_id', 'item_id'], unique=False)



def downgrade() -> None:
    op.drop_table('goods_receipt_lines')
    op.drop_table('purchase_order_lines')
    op.drop_table('goods_receipts')
    op.drop_table('purchasing_terms')
    op.drop_table('purchase_orders')
