"""guard: stops that a person clears, the VLAN of a quarantine, proposals."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stops",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=100), nullable=False),
        sa.Column("stopped_by", sa.String(length=200), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("stopped_ms", sa.BigInteger(), nullable=False),
        sa.Column("cleared_by", sa.String(length=200), nullable=True),
        sa.Column("cleared_why", sa.Text(), nullable=True),
        sa.Column("cleared_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stops")),
    )
    with op.batch_alter_table("stops", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stops_scope"), ["scope"], unique=False)
    with op.batch_alter_table("containments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lane", sa.String(length=100), nullable=True))
        batch_op.add_column(sa.Column("vlan", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("proposal", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("containments", schema=None) as batch_op:
        batch_op.drop_column("proposal")
        batch_op.drop_column("vlan")
        batch_op.drop_column("lane")
    with op.batch_alter_table("stops", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stops_scope"))
    op.drop_table("stops")
