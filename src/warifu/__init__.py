"""warifu: the My Number Card and JPKI (公的個人認証サービス) world in Python.

Independent software; not made, endorsed or certified by J-LIS or the Digital Agency. Its own certification authorities
prove nothing about anybody. Start with the rooms' front doors: ``warifu.reader`` drives a card, ``warifu.card`` is one,
``warifu.verifier`` checks what it signs, ``warifu.town`` puts everything together.
"""

__version__ = "0.1.0"
