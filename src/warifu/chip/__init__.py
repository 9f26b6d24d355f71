"""A blank chip: files, PINs with tries, keys, a security status, and the commands that move among them.

In life this is the silicon and its operating system before anybody says whose card it is. It knows bytes and file
numbers; it never learns what stands in a file, who holds the card or what a certificate is. It talks to whoever
sends commands (`Chip.transmit`), and to a `Store` that keeps the tries and PINs when the power is gone.

**Where the chip is.** Two things at a time are current: an application, and in it a file or none. After power-on the
application is the card manager (`Chip.applications[0]`), with no file. Selecting an application by name makes it
current and leaves no file current; selecting a file, or naming one by its short identifier in any command, makes that
file current. A selection that finds nothing changes nothing.

**What has been proved.** The security status is the set of PIN files verified, and of authorities whose terminal proved
itself (see `terminals`). It belongs to one application, the one it was earned in. Nothing that another application
holds is opened by it.

==============================  ==================================================================================
event                           security status afterwards
==============================  ==================================================================================
power on                        empty
application selected anew       empty, when it is another one than the status belongs to; kept when it is the same
                                (`Behaviour.reselection_clears` empties it then too)
PIN verified                    that PIN added
VERIFY with a wrong PIN         that PIN taken out; its tries are one less
tries asked for (empty VERIFY)  as it was
terminal proved itself          the file of its authority added
PIN changed                     as it was
warm reset                      kept until another application is selected; the card manager is current
                                (`Behaviour.warm_reset_clears` empties it)
any other command, any refusal  as it was
==============================  ==================================================================================

A session key (see `messaging`), how far a terminal has come and the challenge it was given belong to the current
application: another one, or a reset of any kind, and they are gone.

**Tries.** A try is on stable storage before the PIN is compared, so no power cut buys one. A match writes the full
number back; no tries left is blocked, and stays so whatever is presented.

Source: ISO/IEC 7816-4:2005 §5.4 and §7; JICSAP IC cards with contacts v1.1 §5.1.3 (as cited in soltia48/myna-card
`src/card.rs`), measured behaviour in soltia48/myna-card `src/transport/pcsc.rs`.
"""

from warifu.chip.chip import Chip
from warifu.chip.files import (
    Application,
    AuthorityFile,
    Delivery,
    File,
    InternalFile,
    KeyFile,
    PinFile,
    RecordFile,
    TransparentFile,
)
from warifu.chip.machine import Behaviour
from warifu.chip.pins import PinRecord
from warifu.chip.tamper import Alarm, Sensor

__all__ = [
    "Alarm",
    "Application",
    "AuthorityFile",
    "Behaviour",
    "Chip",
    "Delivery",
    "File",
    "InternalFile",
    "KeyFile",
    "PinFile",
    "PinRecord",
    "RecordFile",
    "Sensor",
    "TransparentFile",
]
