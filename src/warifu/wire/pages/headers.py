"""What every page tells the browser about itself, beyond the headers that all parties' pages share."""

from collections.abc import Mapping, Sequence

from warifu.wire import answers


def page_headers(connect: Sequence[str] = (), form_action: Sequence[str] = ()) -> Mapping[str, str]:
    """Headers of every page: our own files only, no inline script or style, no frames.

    `connect` and `form_action` name further origins; Chromium applies the latter to the redirects after a form was
    sent as well. The referrer policy is `same-origin`, not `no-referrer`: under the latter a browser sends `Origin:
    null` with our own forms (Fetch, "append a request `Origin` header"), and the check of the origin refuses them.
    """
    return {
        **answers.page_headers(connect=connect, forms=form_action),
        "referrer-policy": "same-origin",
        "x-frame-options": "DENY",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
    }
