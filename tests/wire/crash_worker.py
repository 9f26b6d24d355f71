"""A program that issues, records and publishes without end, to be killed at any moment.

It tells what it handed out only after the authorities returned it, one line each, as a municipality would have it.
"""

import sys
from itertools import count
from pathlib import Path

from cryptography import x509

from tests.ca.town import AUTHENTICATION, KIYOSE, application
from tests.wire.authorities import open_authorities
from warifu.ca import Event
from warifu.wire.clock import SystemClock


def main(directory: Path, name: str) -> None:
    authorities = open_authorities(directory, SystemClock())
    for n in count():
        issued = authorities.issue(application(holder=f"{name}-{n}"))
        tell("issued", f"{issued.entry.serial_number} {issued.certificate.hex()}")
        if n % 2 == 0:
            authorities.record(AUTHENTICATION, issued.entry.serial_number, Event.KEY_COMPROMISED)
            tell("revoked", str(issued.entry.serial_number))
        if n % 3 == 0:
            crl = x509.load_der_x509_crl(authorities.publish(AUTHENTICATION, KIYOSE.code))
            tell("list", str(crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number))


def tell(what: str, value: str) -> None:
    sys.stdout.write(f"{what} {value}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
