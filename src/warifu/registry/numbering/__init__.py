"""The party that gives out codes and numbers (J-LIS in its duty of 番号法 第8条).

A sub-party of the register, with a store of its own. It knows codes, numbers, which code has which number, and which
municipality got which block; it never sees a name, an address, a birth date, a sex or a holder: what it is asked with
has none of them (`messages.NumberRequest`), and its modules cannot import anything that has.

Numbers are drawn by chance and kept in a table, so no key and no rule leads from a code to a number or back
(番号法 第8条第2項: different from every number given before, and no regularity from which the code could be restored).
A number that was changed stays taken for ever.

Modelled: the law has the number made by converting the code (住民票コードを変換して得られる番号); a draw noted against
the code is our conversion. Bodies of codes and numbers begin with 9, no range for tests being known.
"""

from warifu.registry.numbering.codes import AllottedCode, allot
from warifu.registry.numbering.numbers import Designation, NumberingChange, designate, follow_code

__all__ = ["AllottedCode", "Designation", "NumberingChange", "allot", "designate", "follow_code"]
