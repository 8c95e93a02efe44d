"""The table of reports, in which all open reports that say the same share one row."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "reports",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("host", sa.String(253), nullable=False),
        sa.Column("verdict", sa.String(10), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("list_version", sa.String(64), nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("closed_day", sa.Date, nullable=True),
    )
    still_open = sa.text("closed_day IS NULL")
    op.create_index(
        "reports_open",
        "reports",
        ["kind", "host", "verdict", "note"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_index("reports_last_day", "reports", ["last_day"])


def downgrade() -> None:
    """Drop the table with every report in it."""
    op.drop_table("reports")
