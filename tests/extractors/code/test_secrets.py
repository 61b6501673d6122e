from __future__ import annotations

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.code.secrets import MIN_ASSIGNED_CHARS, find, mask

# put together here so that no scanner takes this file for a leak
AWS = "AKIA" + "QWERTYUIOPASDFGH"
GITHUB = "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"
STRIPE = "sk_" + "live_" + "a1B2c3D4e5F6g7H8"
JWT = "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dBjftJeZ4CVPmB92K27uhbUJU1p1r"
PEM_BODY = "MIIEpAIBAAKCAQEA7bq3" * 6
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{PEM_BODY}\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    "secret", [AWS, GITHUB, STRIPE, JWT, PEM, "xoxb-" + "123456789012-abcdefGHIJ", "AIza" + "Sy" * 17 + "A"]
)
def test_tokens_of_services_and_key_blocks_become_the_placeholder(secret: str):
    assert mask(f'x = "{secret}"\n')[0] == 'x = "<KEY>"\n'


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ('api_key = "9f86d081884c7d659a2feaa0c55ad015"', 'api_key = "<KEY>"'),
        ("'secretToken': 'aB3dE6gH9jK2mN5pQ8sT'", "'secretToken': '<KEY>'"),
        ("DB_PASSWORD=x7Kq9vLm2RtY5wZc8NbH", "DB_PASSWORD=<KEY>"),
        ("Authorization: Bearer aB3dE6gH9jK2mN5pQ8sTuV1x", "Authorization: Bearer <KEY>"),
        ("postgres://app:x7Kq9vLm@db.company.de/main", "postgres://app:<KEY>@db.company.de/main"),
        ("mail jane.doe+x@mail.company.co.uk now", "mail <EMAIL> now"),
        ("server 93.184.216.34:80", "server <IP_ADDRESS>:80"),
        ("at 2606:2800:220:1:248:1893:25c8:1946 or", "at <IP_ADDRESS> or"),
    ],
)
def test_assignments_urls_and_addresses_are_masked_in_place(line: str, masked: str):
    assert mask(line)[0] == masked


@pytest.mark.parametrize(
    "line",
    [
        'password = "correct_horse_battery_staple"',
        'token = "your-token-goes-here-1234"',
        'secret = "${SECRET_FROM_ENVIRONMENT_1}"',
        "auth_token = config.get_token(user_id_1, 2)",
        'token_uri: "550e8400-e29b-41d4-a716-446655440000"',
        "https://user:password@localhost/",
        "git clone git@github.com:owner/name.git",
        "icon@2x.png",
        "y = W@x.reshape(3)",
        "user@example.com",
        "version 1.2.3.4",
        "v1.2.3.4",
        "127.0.0.1 192.168.1.10 10.0.0.1 8.8.8.8",
        "12:34:56",
        "std::vector",
        "-----BEGIN PRIVATE KEY-----",
        'BEGIN = "-----BEGIN PRIVATE KEY-----"; END = "-----END PRIVATE KEY-----"',
        "AKIAIOSFODNN7EXAMPLE",
        'api_key_path = "/etc/keys/service-account-1.json"',
    ],
)
def test_what_looks_like_a_secret_but_is_none_stays(line: str):
    assert mask(line) == (line, {})


def test_an_assigned_value_counts_from_its_least_length_on():
    value = "aB3dE6gH9jK2mN5pQ8"[:MIN_ASSIGNED_CHARS]
    assert mask(f'secret = "{value}"')[1] == {"assigned_secret": 1}
    assert mask(f'secret = "{value[:-1]}"')[1] == {}


def test_counts_are_by_rule():
    assert mask(f"{AWS} a.b@c.de d.e@f.de")[1] == {"aws_access_key": 1, "email": 2}


PIECES = st.sampled_from(
    [AWS, GITHUB, JWT, PEM, "a.b@c.de", "93.184.216.34", "password=", '"', "://u:", "@", ":", "x7Kq9vLm2RtY5wZc8N", "."]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=8), max_size=12).map("".join))
def test_masking_twice_changes_nothing_and_findings_do_not_overlap(text: str):
    masked, _ = mask(text)
    assert mask(masked)[0] == masked
    found = find(text)
    assert all(first.end <= second.start for first, second in pairwise(found))
    assert re.sub("<(?:KEY|EMAIL|IP_ADDRESS)>", "", masked).count("\n") <= text.count("\n")


@pytest.mark.parametrize(
    "unit",
    ["a", "a.", "a@", "1.", "1:", "-----BEGIN PRIVATE KEY-----\n", "://a:b", "token=", "eyJa.", 'token = "', "a-"],
)  # fmt: skip
def test_time_grows_with_the_text_and_not_with_its_square(unit: str):
    text = unit * (400_000 // len(unit))
    started = time.perf_counter()
    mask(text)
    assert time.perf_counter() - started < 10
