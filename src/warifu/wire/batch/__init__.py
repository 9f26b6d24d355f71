"""Work in bulk on Dask: on processes of this machine, or on whatever a scheduler's address stands for.

Every piece of work can be done twice without harm, because a worker may die after doing it and before saying so.
"""

from warifu.wire.batch.workers import Crew, Opening, crew

__all__ = ["Crew", "Opening", "crew"]
