"""The pages of clerks at a desk of the register: residents' window, other sections, hotline.

A clerk signs in as somebody at a desk, names the case, and everything seen and done is recorded under both. What a
form would end is found out by doing it and undoing it (`Registry.rehearsal`), and named before the clerk confirms. PINs
are never typed here: holders type them at a terminal, which only says that they are set.

`application` is a server of its own on the loopback; `door` lets in who has a link from the start, or a clerk's token.
"""

from warifu.wire.window.site import application, door

__all__ = ["application", "door"]
