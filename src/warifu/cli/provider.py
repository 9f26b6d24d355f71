"""``warifu provider``: what an OpenID provider's operator does beside serving it."""

import click

from warifu.cli.commands import Group
from warifu.cli.provider_audit import audit
from warifu.cli.provider_certificate_keys import certificate_keys
from warifu.cli.provider_keys import keys
from warifu.cli.provider_sweep import sweep
from warifu.cli.texts import Text

__all__ = ["provider"]


@click.group(
    cls=Group,
    help=Text(
        "OpenIDプロバイダーを運営する。動いているプロバイダーを止める必要はありません。",
        "Operate an OpenID provider. Its processes may be running meanwhile.",
    ),
)
def provider() -> None:
    """The group."""


provider.add_command(keys)
provider.add_command(audit)
provider.add_command(certificate_keys)
provider.add_command(sweep)
