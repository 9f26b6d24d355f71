"""The services to recipients and operators below another application."""

from starlette.routing import Mount

from warifu.wire.authority.access import Access
from warifu.wire.authority.heads import Heads
from warifu.wire.authority.service import Authorities

__all__ = ["SERVICES_PATH", "mounted_services"]

SERVICES_PATH = "/api/v1"


def mounted_services(authorities: Authorities, access: Access, heads: Heads) -> Mount:
    """Their REST interface, one of the `more` routes of `application`; no attributes are told, for nobody is asked."""
    from warifu.wire.authority.rest import rest_application  # loads fastapi, which commands do without

    return Mount(SERVICES_PATH, rest_application(authorities, access, heads))
