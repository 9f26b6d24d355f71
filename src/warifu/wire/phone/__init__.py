"""The simulated phone (模擬): a page on an origin of its own that plays the app with which one logs in.

It knows the cards of a `Wallet`, which are invented, and the providers it was configured with. The person chooses a
card, enters the PINs, holds the card and consents; the card work happens on this server, and only a signed answer goes
to the provider. It serves the loopback only, keeps PINs until the card has been held and no longer, and never sends one
anywhere.
"""

from warifu.wire.phone.app import application
from warifu.wire.phone.provider import KnownProvider, ProviderLink, Shares
from warifu.wire.phone.wallet import Wallet, WalletCard

__all__ = ["KnownProvider", "ProviderLink", "Shares", "Wallet", "WalletCard", "application"]
