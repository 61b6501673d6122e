from __future__ import annotations

import random
import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.code.secrets import MIN_ASSIGNED_CHARS, MIN_HEXADECIMAL_CHARS, find, mask

# put together here so that no scanner takes this file for a leak
AWS = "AKIA" + "QWERTYUIOPASDFGH"
GITHUB = "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"
STRIPE = "sk_" + "live_" + "a1B2c3D4e5F6g7H8"
JWT = "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dBjftJeZ4CVPmB92K27uhbUJU1p1r"
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
DJANGO = "abcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*(-_=+)"
HEXADECIMAL = "9f86d081884c7d65" + "9a2feaa0c55ad015"
UUID = "7d1d2b5e-8c3f-4a6b-9e0d-1f2a3b4c5d6e"
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
        (f'api_key: str = "{HEXADECIMAL}"', 'api_key: str = "<KEY>"'),
        (f"const apiKey =\n  '{HEXADECIMAL}'", "const apiKey =\n  '<KEY>'"),
        (f'token = (\n    "{HEXADECIMAL}"\n)', 'token = (\n    "<KEY>"\n)'),
        (f'setToken("{HEXADECIMAL}")', 'setToken("<KEY>")'),
        (f'os.getenv("API_KEY", "{HEXADECIMAL}")', 'os.getenv("API_KEY", "<KEY>")'),
        (f'"https://a.de/x?api_key={HEXADECIMAL}"', '"https://a.de/x?api_key=<KEY>"'),
        (f"curl -H 'X-Api-Key: {HEXADECIMAL}' a.de", "curl -H 'X-Api-Key: <KEY>' a.de"),
        (f"<apiKey>{HEXADECIMAL}</apiKey>", "<apiKey><KEY></apiKey>"),
        (f'<add key="ApiKey" value="{HEXADECIMAL}"/>', '<add key="ApiKey" value="<KEY>"/>'),
        (f'{{"name": "TOKEN",\n "value": "{HEXADECIMAL}"}}', '{"name": "TOKEN",\n "value": "<KEY>"}'),
        ("SECRET_KEY = 'k#8v!2$m^q9w%e7(r5t)y3u&i1o*p0-a+s_d=f4'", "SECRET_KEY = '<KEY>'"),
        ("redis://:p%40ss9word@cache.company.de", "redis://:<KEY>@cache.company.de"),
        ("DB_PASS=x7Kq9vLm2RtY5wZc8NbH", "DB_PASS=<KEY>"),
        (f"key: {HEXADECIMAL} client_key: {HEXADECIMAL}", f"key: {HEXADECIMAL} client_key: <KEY>"),
        (f"//npm.company.de/:_authToken={UUID}", "//npm.company.de/:_authToken=<KEY>"),
        ("client-key-data: " + "LS0tLS1CRUdJTiBSU0Eg" * 60, "client-key-data: <KEY>"),
        ("server 64.1.2.3 or", "server <IP_ADDRESS> or"),
        ("by Anna <anna@lysator.liu.se>", "by Anna <<EMAIL>>"),
        ("write to anna@openssh.com, anna@libssh.org", "write to <EMAIL>, <EMAIL>"),
        ("rijndael-abc@lysator.liu.se", "<EMAIL>"),
        ("from x@self.tool-makers.de", "from <EMAIL>"),
        ("from anna@this.company.de, anna@self.org", "from <EMAIL>, <EMAIL>"),
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
        "auth: OAuth2PasswordRequestForm = Depends()",
        "this.authService = oAuth2AuthenticationService;",
        "private_key: x25519.X25519PrivateKey,",
        'token_uri = "https://oauth2.company.de/v1/token2"',
        '"PasswordLastUsed": "2016-09-24T16:18:07Z"',
        '<assemblyIdentity publicKeyToken="31bf3856ad364e35"/>',
        '"author": "507f1f77bcf86cd799439011"',
        'encode(b"", passphrase,\n       "PBKDF2WithHMAC-SHA512AndAES128-GCM")',
        'secret = "${SECRET_1_OF_ENVIRONMENT}"',
        f'"checksum": "{HEXADECIMAL}", "id": "{UUID}"',
        f'"integrity": "sha512-{"aB3dE6gH9jK2mN5p" * 5}=="',
        "postgres://postgres:postgres@localhost/db",
        "smb://myuser:mypassword@server.company.de",
        "this@MainActivity.title",
        "y = x@self.weight + b",
        "case e@A.Fun{} of",
        "left-pad@1.3.0.tgz",
        "chacha20-poly1305@openssh.com",
        "zlib@openssh.com,curve25519-sha256@libssh.org,rijndael-cbc@lysator.liu.se",
        "eow@openssh.com fsync@openssh.com posix-rename@openssh.com",
        "y = x@self.layer.weight + h@self.wq + h@self.layer_2.weights",
        "@app.route",
        "gem 'rails', '~> 4.2.11.3'",
        "Changes in 1.2.0.7",
        "3.3.1.10 noticeFile",
        'ObjectIdentifier("1.3.101.110")',
        "server 63.1.2.3 or",
        "wwn 50:06:01:60:3b:a0:1e:3f",
    ],
)
def test_what_looks_like_a_secret_but_is_none_stays(line: str):
    assert mask(line) == (line, {})


def test_an_assigned_value_counts_from_its_least_length_on():
    value = "aB3dE6gH9jK2mN5pQ8"[:MIN_ASSIGNED_CHARS]
    assert mask(f'secret = "{value}"')[1] == {"assigned_secret": 1}
    assert mask(f'secret = "{value[:-1]}"')[1] == {}


def test_a_hexadecimal_value_counts_from_its_least_length_on():
    assert len(HEXADECIMAL) == MIN_HEXADECIMAL_CHARS
    assert mask(f'secret = "{HEXADECIMAL}"')[1] == {"assigned_secret": 1}
    assert mask(f'secret = "{HEXADECIMAL[:-1]}"')[1] == {}


@pytest.mark.parametrize(
    ("alphabet", "size", "min_ratio"),
    [
        ("0123456789abcdef", 32, 0.99),
        (LETTERS + "0123456789", 40, 0.99),
        (DJANGO, 50, 0.95),
        (LETTERS + "0123456789+/", 40, 0.98),
    ],
)
def test_random_values_under_the_name_of_a_secret_are_nearly_all_masked(alphabet: str, size: int, min_ratio: float):
    draw = random.Random(5)
    values = ["".join(draw.choices(alphabet, k=size)) for _ in range(500)]
    assert sum(mask(f"SECRET_KEY = '{value}'")[0] == "SECRET_KEY = '<KEY>'" for value in values) >= min_ratio * 500


def test_counts_are_by_rule():
    assert mask(f"{AWS} a.b@c.de d.e@f.de")[1] == {"aws_access_key": 1, "email": 2}


PIECES = st.sampled_from(
    [
        AWS,
        GITHUB,
        JWT,
        PEM,
        HEXADECIMAL,
        "a.b@c.de",
        "93.184.216.34",
        "x7Kq9vLm2RtY5wZc8N",
        "password=",
        "value",
        "://u:",
        *"@:\"'.(,> \n",
    ]
)


@given(st.lists(PIECES | st.text(max_size=8), max_size=12).map("".join))
def test_masking_twice_changes_nothing_and_findings_do_not_overlap(text: str):
    masked, _ = mask(text)
    assert mask(masked)[0] == masked
    found = find(text)
    assert all(first.end <= second.start for first, second in pairwise(found))
    assert re.sub("<(?:KEY|EMAIL|IP_ADDRESS)>", "", masked).count("\n") <= text.count("\n")


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "a.",
        "a@",
        "1.",
        "1:",
        "-----BEGIN PRIVATE KEY-----\n",
        "://a:b",
        "token=",
        "eyJa.",
        "-eyJ",
        'token = "',
        "a-",
        "token='<a1",
        'secret" ',
        "auth-",
    ],
)
def test_time_grows_with_the_text_and_not_with_its_square(unit: str):
    text = unit * (400_000 // len(unit))
    started = time.process_time()
    mask(text)
    assert time.process_time() - started < 10
