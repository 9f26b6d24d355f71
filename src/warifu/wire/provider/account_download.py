"""Everything the provider knows of a resident, as the file that they download.

Names and moments (RFC 3339, UTC); none of the attributes themselves, for none are kept.
"""

from datetime import datetime
from typing import Any

from warifu.idp import ConsentEvent
from warifu.wire.provider.accounts import AtClient, Overview

__all__ = ["members_of", "moment_text"]


def members_of(overview: Overview) -> dict[str, Any]:
    """The file's members."""
    return {
        "at": moment_text(overview.at),
        "clients": [_client(one) for one in overview.clients],
        "consents": [_consent(event) for event in overview.consents],
        "certificates": [{"known_since": moment_text(since), "how": how.value} for how, since in overview.certificates],
    }


def _client(one: AtClient) -> dict[str, Any]:
    return {
        "client_id": one.client.id,
        "name": one.client.name,
        "subject": one.subject,
        "shares_subject_with": list(one.shares_with),
        "holds_tokens": one.live,
        "items": [
            {
                "scope": item.scope,
                "agreed_at": moment_text(item.agreed_at),
                "received_at": moment_text(item.received_at),
            }
            for item in one.items
        ],
        "received": [
            {"at": moment_text(receipt.at), "how": receipt.how.value, "scopes": list(receipt.scopes)}
            for receipt in one.receipts
        ],
    }


def _consent(event: ConsentEvent) -> dict[str, Any]:
    return {
        "client_id": event.client_id,
        "scope": event.scope,
        "decision": event.decision.value,
        "text": event.text,
        "at": moment_text(event.at),
    }


def moment_text(moment: datetime | None) -> str | None:
    """A moment as it stands in the file; None where there was none."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
