"""The post between parties: what one party decided reaches the other once, whatever crashes in between.

A party writes a `Letter` with `send` in the very transaction that decides what it tells; a `Courier` carries what waits
and tries again until the other side has answered; there a `Mailbox` lets each letter have its effect once, in one
transaction with the record that it came, and gives whoever sends it again the answer of the first time. So each party
has two tables, made by its own migrations through `create_tables`: what it sends and what it got.

Between machines a letter is an HTTP request that its sender signed, and the answer is signed over the request
(`HttpCarrier`, `letter_routes`; RFC 9421, RFC 9530). Parties know each other's keys by configuration (`Peer`). In one
process a `LocalCarrier` hands it over; the tables are the same.

Letters of one thread (all that concern one person, say) reach a recipient in the order in which they were written: none
is sent before the one before it is settled. A letter that is refused waits, with the reason, until the other side takes
it or the operator sets it aside; nothing is given up silently.
"""

from warifu.wire.post.carriers import Carrier, HttpCarrier, LocalCarrier
from warifu.wire.post.courier import Courier, OnAnswer
from warifu.wire.post.http import MAX_LETTER, Recipient, letter_routes
from warifu.wire.post.inbox import Desk, Mailbox, receive
from warifu.wire.post.keeping import count_settled, delete_settled
from warifu.wire.post.letter import Letter
from warifu.wire.post.outbox import Queue, Stuck, queues, retry, send, set_aside, stuck
from warifu.wire.post.peers import Peer, open_post_key, read_peers, write_peer
from warifu.wire.post.schema import create_tables

__all__ = [
    "MAX_LETTER",
    "Carrier",
    "Courier",
    "Desk",
    "HttpCarrier",
    "Letter",
    "LocalCarrier",
    "Mailbox",
    "OnAnswer",
    "Peer",
    "Queue",
    "Recipient",
    "Stuck",
    "count_settled",
    "create_tables",
    "delete_settled",
    "letter_routes",
    "open_post_key",
    "queues",
    "read_peers",
    "receive",
    "retry",
    "send",
    "set_aside",
    "stuck",
    "write_peer",
]
