"""Relationship to the head of the household (続柄): what a person is to the head, and to another head."""

from enum import Enum

from warifu.person import Sex


class Relationship(Enum):
    """What a member is to the head. The words on paper depend on the sexes (`words`).

    Source: 住民基本台帳法 第7条第4号; 住民基本台帳事務処理要領 第2-1-(2)-エ.
    """

    HEAD = "head"
    SPOUSE = "spouse"
    UNREGISTERED_SPOUSE = "unregistered_spouse"
    CHILD = "child"
    PARENT = "parent"
    SIBLING = "sibling"
    GRANDCHILD = "grandchild"
    GRANDPARENT = "grandparent"
    CHILDS_SPOUSE = "childs_spouse"
    SPOUSES_PARENT = "spouses_parent"
    SPOUSES_CHILD = "spouses_child"
    RELATIVE = "relative"
    """Another relative (縁故者)."""
    COHABITANT = "cohabitant"
    """No relative (同居人)."""

    def words(self, sex: Sex, head: Sex) -> str:
        """The words on a copy of the record; `head` is the head's sex."""
        mate = _MATE.get(head, "配偶者")
        own = _MALE.get(self) if sex is Sex.MALE else _FEMALE.get(self) if sex is Sex.FEMALE else None
        return (own or _EITHER[self]).replace("配偶者の", f"{mate}の")


_MATE = {Sex.MALE: "妻", Sex.FEMALE: "夫"}
_R = Relationship
_EITHER = {
    _R.HEAD: "世帯主",
    _R.SPOUSE: "配偶者",
    _R.UNREGISTERED_SPOUSE: "縁故者",
    _R.CHILD: "子",
    _R.PARENT: "親",
    _R.SIBLING: "きょうだい",
    _R.GRANDCHILD: "子の子",
    _R.GRANDPARENT: "親の親",
    _R.CHILDS_SPOUSE: "子の配偶者",
    _R.SPOUSES_PARENT: "配偶者の親",
    _R.SPOUSES_CHILD: "配偶者の子",
    _R.RELATIVE: "縁故者",
    _R.COHABITANT: "同居人",
}
_MALE = {
    _R.SPOUSE: "夫",
    _R.UNREGISTERED_SPOUSE: "夫（未届）",
    _R.PARENT: "父",
    _R.SIBLING: "兄弟",
    _R.GRANDPARENT: "祖父",
    _R.CHILDS_SPOUSE: "子の夫",
    _R.SPOUSES_PARENT: "配偶者の父",
}
_FEMALE = {
    _R.SPOUSE: "妻",
    _R.UNREGISTERED_SPOUSE: "妻（未届）",
    _R.PARENT: "母",
    _R.SIBLING: "姉妹",
    _R.GRANDPARENT: "祖母",
    _R.CHILDS_SPOUSE: "子の妻",
    _R.SPOUSES_PARENT: "配偶者の母",
}

# What somebody is to the new head, by what the new head and that person were to the old one. What is not here becomes
# a relative, and who was no relative stays none. Modelled: the table; clerks correct it by what the family says.
_TO_NEW_HEAD: dict[tuple[Relationship, Relationship], Relationship] = {
    **{(_R.SPOUSE, each): each for each in (_R.CHILD, _R.GRANDCHILD, _R.CHILDS_SPOUSE)},
    (_R.SPOUSE, _R.HEAD): _R.SPOUSE,
    (_R.SPOUSE, _R.PARENT): _R.SPOUSES_PARENT,
    (_R.SPOUSE, _R.SPOUSES_PARENT): _R.PARENT,
    (_R.SPOUSE, _R.SPOUSES_CHILD): _R.CHILD,
    (_R.UNREGISTERED_SPOUSE, _R.HEAD): _R.UNREGISTERED_SPOUSE,
    (_R.UNREGISTERED_SPOUSE, _R.CHILD): _R.CHILD,
    (_R.CHILD, _R.HEAD): _R.PARENT,
    (_R.CHILD, _R.SPOUSE): _R.PARENT,
    (_R.CHILD, _R.CHILD): _R.SIBLING,
    (_R.CHILD, _R.PARENT): _R.GRANDPARENT,
    (_R.CHILD, _R.GRANDCHILD): _R.CHILD,
    (_R.CHILD, _R.CHILDS_SPOUSE): _R.SPOUSE,
    (_R.PARENT, _R.HEAD): _R.CHILD,
    (_R.PARENT, _R.SPOUSE): _R.CHILDS_SPOUSE,
    (_R.PARENT, _R.CHILD): _R.GRANDCHILD,
    (_R.PARENT, _R.PARENT): _R.SPOUSE,
    (_R.PARENT, _R.SIBLING): _R.CHILD,
    (_R.SIBLING, _R.HEAD): _R.SIBLING,
    (_R.SIBLING, _R.SIBLING): _R.SIBLING,
    (_R.SIBLING, _R.PARENT): _R.PARENT,
    (_R.GRANDCHILD, _R.HEAD): _R.GRANDPARENT,
    (_R.GRANDCHILD, _R.GRANDCHILD): _R.SIBLING,
    (_R.SPOUSES_PARENT, _R.SPOUSE): _R.CHILD,
    (_R.SPOUSES_PARENT, _R.HEAD): _R.CHILDS_SPOUSE,
    (_R.SPOUSES_PARENT, _R.CHILD): _R.GRANDCHILD,
    (_R.SPOUSES_PARENT, _R.SPOUSES_PARENT): _R.SPOUSE,
}


def to_new_head(new_head: Relationship, other: Relationship) -> Relationship:
    """What somebody is to the new head; both arguments are relationships to the old one."""
    if _R.COHABITANT in (new_head, other):
        return _R.COHABITANT
    return _TO_NEW_HEAD.get((new_head, other), _R.RELATIVE)
