"""People who do not exist, for registers that have to be full: the same again from the same seed.

`settle` fills one municipality, household by household: it invents the people, takes codes and numbers for them and
gives the rows of both stores. A household depends on the seed, the municipality and its place in the row, on nothing
before it; only a code or a number that is taken already is drawn again.

Numbers begin with 9, no range for tests being known; one may coincide with a real one and designates nobody.
"""

from warifu.registry.population.cases import HardCase
from warifu.registry.population.settling import BLOCK, Books, Settled, settle

__all__ = ["BLOCK", "Books", "HardCase", "Settled", "settle"]
