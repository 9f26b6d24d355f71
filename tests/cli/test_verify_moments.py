"""``warifu verify --at``: a moment that nothing can be reckoned from is refused, all others have an answer."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.documents.cms_world import Made
from tests.pki import world
from tests.pki.world import SIGNING
from tests.verifier.document_scene import list_of
from warifu.cli.root import root

NONE = ["0001-01-01T00:00:00+14:00", "1949-12-31T23:59:59+00:00", "9999-12-31T23:59:59-12:00"]


@pytest.mark.parametrize(
    ("moment", "codes"),
    [*((moment, (2,)) for moment in NONE), ("1950-01-01", (1, 3)), ("8999-12-31T23:59:59-12:00", (1, 3))],
)
def test_every_moment_has_an_answer(tmp_path: Path, moment: str, codes: tuple[int, ...]) -> None:
    (tmp_path / "deed.p7m").write_bytes(Made().encode())
    (tmp_path / "ca.crt").write_bytes(world.authority(SIGNING).certificate_der)
    (tmp_path / "list.crl").write_bytes(list_of())
    named = ["--trust", str(tmp_path / "ca.crt"), "--list", str(tmp_path / "list.crl"), "--at", moment]
    words = ["--lang", "en", "--data-directory", str(tmp_path / "data"), "verify", str(tmp_path / "deed.p7m"), *named]
    result = CliRunner().invoke(root, words)
    assert result.exit_code in codes, result.stderr
