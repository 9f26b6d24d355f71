"""A small country that knows every party: authorities, residents, cards, a provider, wired together in one command.

A corridor, like `wire`: each module in here is a door of its own, and importing ``warifu.town`` itself loads none.

`town` is the town that stands in a directory (`Town.create`, `Town.open`); `personas` who lives in it and what each
shows; `serving` all its servers at once; `pool` the RSA keys that everybody has. Everything and everybody here is
invented; the authorities are called JPKI-WARIFU-TEST and prove nothing about anybody.

Founding goes through the parties' own doors: the certificates come out of the authorities' record, with a clock that
tells the past, and the cards from the municipalities that issue them. So nothing is canned.
"""

__all__: list[str] = []
