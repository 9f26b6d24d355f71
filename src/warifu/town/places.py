"""Where the town's people live: real municipalities, because certificates name them, and blocks that do not exist.

Source: 全国地方公共団体コード (総務省); romaji as in the certificates that were described, for instance ``Kiyose-shi``.
"""

from warifu.person import Address, Municipality
from warifu.town.chance import Chance

__all__ = ["MUNICIPALITIES", "address_in"]

MUNICIPALITIES = {
    municipality.code: municipality
    for municipality in (
        Municipality("13221", "東京都", "清瀬市", "Tokyo-to", "Kiyose-shi"),
        Municipality("13113", "東京都", "渋谷区", "Tokyo-to", "Shibuya-ku"),
        Municipality("01101", "北海道", "札幌市中央区", "Hokkaido", "Sapporo-shi-Chuo-ku"),
        Municipality("26104", "京都府", "京都市中京区", "Kyoto-fu", "Kyoto-shi-Nakagyo-ku"),
        Municipality("40133", "福岡県", "福岡市中央区", "Fukuoka-ken", "Fukuoka-shi-Chuo-ku"),
        Municipality("47201", "沖縄県", "那覇市", "Okinawa-ken", "Naha-shi"),
    )
}

_BLOCKS = ("見本町", "割符町", "例示台", "架空が丘", "仮想通", "試験新田")
_FULL_WIDTH = str.maketrans("0123456789-", "０１２３４５６７８９－")


def address_in(municipality: Municipality, chance: Chance) -> Address:
    """An address in one of the blocks that do not exist, written as registers do: full-width digits and hyphens."""
    block = chance.choose("block", _BLOCKS)
    numbers = [str(1 + chance.below(what, most)) for what, most in (("chome", 6), ("ban", 30), ("go", 20))]
    return Address(f"{municipality.prefecture}{municipality.name}{block}{'-'.join(numbers).translate(_FULL_WIDTH)}")
