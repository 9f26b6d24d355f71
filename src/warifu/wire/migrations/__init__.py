"""The versions of every party's database, one package a party, each with its own history.

Each party has ``<party>/versions/`` with one Alembic revision a file: ``revision``, ``down_revision`` (None for the
first) and ``upgrade()``. A revision that was released is never changed. There is no way back: ``downgrade`` is not
written.
"""
