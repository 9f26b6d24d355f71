"""The town's timestamp authority: what it stamps, and who would believe it."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import httpx2
from asn1crypto import cms
from cryptography import x509

from tests.cli.card_town import pin_file, result_of, run
from tests.journeys.running_town import founded
from warifu.town.parties import serving
from warifu.town.timestamps import timestamp_root
from warifu.town.town import Town
from warifu.wire.serving import serve_in_thread


def _token(signed: Path) -> cms.SignedData:
    """The timestamp on the only signature of a CMS file."""
    [info] = cms.ContentInfo.load(signed.read_bytes())["content"]["signer_infos"]
    [attribute] = info["unsigned_attrs"]
    return attribute["values"][0]["content"]


def test_a_signature_gets_a_timestamp_that_leads_to_the_towns_own_root(tmp_path: Path) -> None:
    """RFC 3161 §2.3, §3.4: the unit's certificate was issued by the root that lies in the town's folder."""
    (tmp_path / "deed.txt").write_text("譲渡証書\n", "utf-8")
    began = datetime.now(UTC).replace(microsecond=0)
    with (
        founded(tmp_path / "town") as (town, reserved),
        serving(town, reserved) as served,
        serve_in_thread(served.sites),
    ):
        stamped = ("--timestamp", f"{town.addresses.timestamps}/tsa", "--pin-file", pin_file(tmp_path, "ABC123"))
        result_of(run(town, "sign", str(tmp_path / "deed.txt"), *stamped, "--persona", "ordinary", "--json"))
        given_out = httpx2.get(f"{town.addresses.timestamps}/root.crt")
        root = x509.load_pem_x509_certificate(timestamp_root(town.folder).read_bytes())
    token = _token(tmp_path / "deed.txt.p7s")
    [unit] = (x509.load_der_x509_certificate(each.chosen.dump()) for each in token["certificates"])
    unit.verify_directly_issued_by(root)
    at = token["encap_content_info"]["content"].parsed["gen_time"].native
    assert began <= at <= datetime.now(UTC)
    assert given_out.headers["content-type"] == "application/pkix-cert"
    assert x509.load_der_x509_certificate(given_out.content) == root


def test_a_town_of_the_time_before_there_was_one_gets_one_and_keeps_it(tmp_path: Path) -> None:
    with founded(tmp_path / "town") as (town, reserved):
        before = timestamp_root(town.folder).read_bytes()
        shutil.rmtree(town.folder / "timestamps")
        made = []
        for _ in range(2):
            with serving(Town.open(town.ground.directory), reserved):
                made.append(timestamp_root(town.folder).read_bytes())
    assert made[0] == made[1] != before
