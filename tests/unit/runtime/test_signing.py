"""Signature Version 4, held against botocore's signer and against AWS's own test suite."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast._core.sigv4 import (
    Credentials,
    RequestSigner,
    authorization,
    canonical_request,
    signing_key,
    string_to_sign,
)

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


def parse(request):
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return first, dict(line.split(": ", 1) for line in lines), body


def botocore_signature(monkeypatch, headers, body, now, credentials, region):
    instant = dt.datetime.fromtimestamp(now, dt.UTC)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda remove_tzinfo=True: instant.replace(tzinfo=None))
    given = {name: value for name, value in headers.items() if name in ("Host", "Content-Type", "X-Amz-Target")}
    request = AWSRequest(method="POST", url=f"https://{headers['Host']}/", data=body, headers=given)
    signer = botocore.auth.SigV4Auth(BotocoreCredentials(*credentials), "dynamodb", region)
    signer.add_auth(request)
    return request.headers["Authorization"]


@settings(max_examples=300, deadline=None)
@given(
    body=st.binary(max_size=200),
    token=st.one_of(st.none(), st.text("abcXYZ019+/=", min_size=1, max_size=50)),
    secret=st.text("abcXYZ019+/=", min_size=1, max_size=40),
    now=st.integers(0, 4_000_000_000),
    region=st.sampled_from(["us-east-1", "eu-west-1", "cn-north-1"]),
    host=st.sampled_from(["dynamodb.us-east-1.amazonaws.com", "127.0.0.1:8000", "[::1]:8000"]),
    operation=st.sampled_from(["GetItem", "TransactWriteItems"]),
)
def test_the_same_signature_as_botocore(body, token, secret, now, region, host, operation):
    credentials = Credentials("AKIDEXAMPLE", secret, token)
    signer = RequestSigner(host=host, path="/", region=region, user_agent="test")
    with pytest.MonkeyPatch.context() as monkeypatch:
        for _ in range(2):  # the second comes from what the first second kept
            first, headers, sent = parse(signer.request(operation, body, float(now), lambda: credentials))
            assert first == "POST / HTTP/1.1"
            assert sent == body
            assert headers["Content-Length"] == str(len(body))
            theirs = botocore_signature(monkeypatch, headers, body, now, credentials, region)
            assert headers["Authorization"] == theirs


def test_a_new_second_has_a_new_date_and_asks_for_credentials_again():
    asked = []

    def credentials():
        asked.append(1)
        return Credentials("A", "B", None)

    signer = RequestSigner(host="h", path="/", region="us-east-1", user_agent="t")
    dates = [
        parse(signer.request("GetItem", b"{}", now, credentials))[1]["X-Amz-Date"]
        for now in (1000.0, 1000.9, 1001.0, 999.5)
    ]
    assert dates == ["19700101T001640Z", "19700101T001640Z", "19700101T001641Z", "19700101T001639Z"]
    assert len(asked) == 3


def test_a_corrected_clock_is_used_and_a_secret_is_not_shown():
    signer = RequestSigner(host="h", path="/", region="us-east-1", user_agent="t")
    signer.correct(3600.0)
    credentials = Credentials("AKID", "the-secret", "the-token")
    assert parse(signer.request("GetItem", b"{}", 0.0, lambda: credentials))[1]["X-Amz-Date"] == "19700101T010000Z"
    assert "the-secret" not in repr(credentials)
    assert "the-token" not in repr(credentials)


# AWS's suite. It is part of botocore's source distribution, which pip fetches; nothing of it is kept here.


def suite():
    """The folder of cases: HOLDFAST_SIGV4_SUITE, or unpacked from botocore's source distribution."""
    given = os.environ.get("HOLDFAST_SIGV4_SUITE")
    if given:
        return Path(given)
    import botocore

    kept = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "holdfast" / f"sigv4-{botocore.__version__}"
    found = next(kept.glob("**/aws4_testsuite"), None)
    if found is not None:
        return found
    kept.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        f"{sys.executable} -m pip download --quiet --no-deps --no-binary :all: --no-build-isolation "
        f"--dest {kept} botocore=={botocore.__version__}".split(),
        check=True,
        timeout=120,
    )
    (archive,) = kept.glob("botocore-*.tar.gz")
    with tarfile.open(archive) as source:
        cases = [member for member in source.getmembers() if "/aws4_testsuite/" in member.name]
        source.extractall(kept, cases, filter="data")
    archive.unlink()
    return next(kept.glob("**/aws4_testsuite"))


def read_request(text):
    from urllib.parse import unquote, urlsplit

    source = io.StringIO(text)
    method, _, rest = source.readline().rstrip("\n").partition(" ")
    target = rest.rpartition(" HTTP/1.1")[0]
    headers = []
    for raw in source:
        line = raw.rstrip("\r\n")
        if not line:
            break
        if line[0] in " \t":
            name, value = headers[-1]
            headers[-1] = (name, f"{value} {line.strip()}")
            continue
        name, _, value = line.partition(":")
        headers.append((name, value))
    body = source.read()
    path, _, query = target.partition("?")
    pairs = [tuple(unquote(part) for part in (pair + "=").split("=")[:2]) for pair in query.split("&") if pair]
    return method, unquote(urlsplit(path).path if "://" in path else path), pairs, headers, body


@pytest.mark.slow
def test_the_suite_of_aws():
    folder = suite()
    checked = 0
    for request in sorted(folder.rglob("*.req")):
        name = request.stem
        method, path, query, headers, body = read_request(request.read_text(encoding="utf-8"))
        expected_canonical = request.with_suffix(".creq").read_text(encoding="utf-8").replace("\r", "")
        signed_names = {header.lower() for header, _ in headers}
        for line in expected_canonical.splitlines():
            header, _, value = line.partition(":")
            if header == "x-amz-security-token" and header not in signed_names:  # the signer's to add
                headers.append((header, value))
        canonical = canonical_request(method, path, query, headers, hashlib.sha256(body.encode()).hexdigest())
        assert canonical == expected_canonical, name
        scope = "20150830/us-east-1/service/aws4_request"
        text = string_to_sign("20150830T123600Z", scope, canonical)
        assert text == request.with_suffix(".sts").read_text(encoding="utf-8").replace("\r", ""), name
        import hmac

        key = signing_key(SECRET, "20150830", "us-east-1", "service")
        signature = hmac.digest(key, text.encode(), "sha256").hex()
        expected = request.with_suffix(".authz").read_text(encoding="utf-8").strip()
        assert authorization("AKIDEXAMPLE", scope, headers, signature) == expected, name
        checked += 1
    assert checked >= 25
