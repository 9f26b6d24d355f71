"""Revocation lists of any length: their signature checked and their entries indexed in one go.

A side door of the room, because it loads numpy, which only whoever takes in such lists needs; asking the index, which
is `RevokedIndex` at the room's door, needs none. ::

    verified = check_large_list(memoryview(data), anchors)       # hashes in a second thread while it scans
    for piece in verified.index.pieces(): file.write(piece)      # little more than four bytes an entry
    RevokedIndex(memoryview(index), memoryview(data)).get(serial_number)
"""

from warifu.verifier.revoked.building import ListIndex, VerifiedList, check_large_list, index_list
from warifu.verifier.revoked.cut import LargeList, cut_list

__all__ = ["LargeList", "ListIndex", "VerifiedList", "check_large_list", "cut_list", "index_list"]
