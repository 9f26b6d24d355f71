"""What searches at a municipality go by, so that they read what they find and not everybody."""

import sqlalchemy as sa
from alembic import op

revision = "registry_0004"
down_revision = "registry_0003"


def upgrade() -> None:
    """Index residents by birth date and household within a municipality, in the order of pages; names by beginning."""
    for column in ("birth_date", "household"):
        op.drop_index(f"resident_of_{column}", "resident")
        op.create_index(f"resident_of_{column}", "resident", [column, "municipality", "id"])
    current = sa.text("current")
    for column in ("name", "reading"):
        op.create_index(
            f"resident_of_{column}",
            "resident",
            [column],
            postgresql_ops={column: "varchar_pattern_ops"},  # what LIKE goes by; SQLite's reads everybody all the same
            postgresql_where=current,
            sqlite_where=current,
        )
