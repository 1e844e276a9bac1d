"""Whatever the shape, the encoding or the place: no personal data survives, and nothing else is changed."""

import json
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.documents import cpf_ok
from chalicelib.domain.personal_bodies import mask_body
from chalicelib.domain.personal_data import mask_text, mask_value


def _cpf(body: str) -> str:
    for _ in range(2):
        total = sum(
            int(digit) * weight for digit, weight in zip(body, range(len(body) + 1, 1, -1), strict=True)
        )
        body += str((total * 10) % 11 % 10)
    return body


bare_cpfs = st.integers(0, 999_999_999).map(lambda number: _cpf(f"{number:09d}")).filter(cpf_ok)
cpfs = st.builds(
    lambda one, dots, dash: f"{one[:3]}{dots}{one[3:6]}{dots}{one[6:9]}{dash}{one[9:]}",
    bare_cpfs,
    st.sampled_from(["", ".", " ", "-"]),
    st.sampled_from(["", "-", "/", " - "]),
)
AREAS = ["11", "21", "41", "55", "85", "99"]
mobiles = st.builds(
    lambda form, area, last: form.format(area, last[:4], last[4:]),
    st.sampled_from(
        [
            "({}) 9{}-{}",
            "({})9{}{}",
            "{} 9{}-{}",
            "{} 9 {} {}",
            "+55 {} 9{}-{}",
            "55{}9{}{}",
            "{}9{}{}",
            "0{} 9{}.{}",
        ]
    ),
    st.sampled_from(AREAS),
    st.text("0123456789", min_size=8, max_size=8),
)
landlines = st.builds(
    lambda form, area, last: form.format(area, last[:3], last[3:]),
    st.sampled_from(["({}) 3{}-{}", "{} 3{}-{}", "+55 ({}) 3{} {}", "{}3{}{}"]),
    st.sampled_from(AREAS),
    st.text("0123456789", min_size=7, max_size=7),
)
emails = st.from_regex(r"[a-z][a-z0-9._+]{3,10}[a-z]@[a-z]{3,8}\.(com|com\.br)", fullmatch=True)
secrets = st.one_of(cpfs, mobiles, landlines, emails)
words = st.sampled_from(["", "Ana ", "ligar: ", "MEI JOSÉ DA SILVA ", "(", "a,", "x;", "recado\n", "é ", '"'])
ends = st.sampled_from(["", " ME", ".", ")", ", obs", ";b", "\t", "/x", "\\", '"', "\udce9"])
texts = st.builds(lambda before, one, after: (one, before + one + after), words, secrets, ends)
NAMES = ["nome", "obs", "email", "cpf", "telefone", "x", "descricao", "a_b", "E-Mail", "cpf_conjuge"]


@st.composite
def records(draw: st.DrawFn) -> tuple[list[str], Any]:
    """Draw secrets, and a JSON value that holds them: in texts, as numbers, as names, nested anywhere."""
    hidden: list[str] = []

    def value(depth: int) -> Any:
        kind = draw(st.integers(0, 6 if depth else 3))
        if kind == 4:
            return [value(depth - 1) for _ in range(draw(st.integers(0, 3)))]
        if kind > 4:
            return {name(): value(depth - 1) for _ in range(draw(st.integers(0, 3)))}
        if kind == 3:
            return draw(st.sampled_from([None, True, 0, 12.5, "", "Curitiba", "2026-11-24"]))
        if kind == 2:
            hidden.append(draw(bare_cpfs.filter(lambda one: one[0] != "0")))
            return int(hidden[-1])
        secret, text = draw(texts)
        hidden.append(secret)
        return text

    def name() -> str:
        if draw(st.integers(0, 9)):
            return draw(st.sampled_from(NAMES))
        hidden.append(draw(secrets))
        return hidden[-1]

    return hidden, value(3)


def _escaped(draw: st.DrawFn, text: str) -> str:
    """Write some letters, digits and signs inside strings as escapes."""
    chosen = draw(st.sampled_from(["", "@", "@.", "0123456789", "aeiou-"]))

    def escape(string: re.Match[str]) -> str:
        return "".join(f"\\u{ord(one):04x}" if one in chosen else one for one in string[0])

    return re.sub(r'(?<!\\)[^"\\]+(?=[^"\\]*")', escape, text) if draw(st.booleans()) else text


@st.composite
def bodies(draw: st.DrawFn) -> tuple[list[str], str]:
    """Draw a body in any notation, whole or broken off."""
    hidden, value = draw(records())
    value = {"records": [value]}
    written = json.dumps(value, ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from([None, 1])))
    try:
        escaped = _escaped(draw, written)
        written = escaped if json.loads(escaped) == value else written
    except ValueError:
        pass
    if draw(st.booleans()):
        written = written[: draw(st.integers(0, len(written)))]
    return hidden, written


def _unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text).replace("\\/", "/")


def _revealed(secret: str, shown: str) -> list[str]:
    """List what of a secret is still there: its name or domain, or five of its digits in a row."""
    if "@" in secret:
        return [part for part in (secret, secret.partition("@")[0] + "@") if part in shown]
    digits = "".join(filter(str.isdecimal, secret))
    return [secret for start in range(len(digits) - 4) if digits[start : start + 5] in shown]


@given(bodies())
def test_no_secret_survives_in_any_body(body: tuple[list[str], str]) -> None:
    hidden, text = body
    masked = mask_body(text)
    for shown in (masked, _unescaped(masked)):
        assert [found for one in hidden for found in _revealed(one, shown)] == []
    assert mask_body(masked) == masked


@given(records(), st.booleans())
def test_a_body_stays_json_of_the_same_shape(record: tuple[list[str], Any], ascii_only: bool) -> None:
    body = json.dumps(record[1], ensure_ascii=ascii_only)
    assert _shape(mask_body(body)) == _shape(body)


def _shape(body: str) -> Any:
    """Give the nesting of a body: duplicate names count, what is in texts and numbers does not."""

    def leaves(value: Any) -> Any:
        return [leaves(one) for one in value] if isinstance(value, list) else None

    return leaves(json.loads(body, object_pairs_hook=lambda pairs: [value for _, value in pairs]))


@given(records())
def test_no_secret_survives_in_an_answer(record: tuple[list[str], Any]) -> None:
    hidden, value = record
    masked = mask_value(value)
    shown = json.dumps(masked, ensure_ascii=False)
    assert [found for one in hidden for found in _revealed(one, shown)] == []
    assert mask_value(masked) == masked


@given(texts)
def test_no_secret_survives_in_a_percent_encoded_path(text: tuple[str, str]) -> None:
    secret, shown = text
    path = "/v1/erp/contato/" + "".join(
        f"%{byte:02X}" if chr(byte) not in "abcdefgh0123" else chr(byte)
        for byte in shown.encode("utf-8", "surrogateescape")
    )
    masked = mask_text(path)
    assert masked.startswith("/v1/erp/contato/")
    assert _revealed(secret, masked) == []
    assert mask_text(masked) == masked


plain = st.recursive(
    st.one_of(
        st.sampled_from([None, True, False, "", "Parafuso 3/8", "2026-11-24", "2026-11-24T03:00:00.5Z"]),
        st.sampled_from(["12.345.678/0001-95", "ação \u2028", "a\\b/c", "\x7f", "😀", "1234.567890"]),
        st.integers(-999_999_999, 999_999_999),
        st.floats(-1e9, 1e9),
        st.text("abcçé \\\"/\n\t{}[],:'<>&#;=", max_size=12),
        st.uuids().map(str),
        st.text("0123456789", min_size=44, max_size=44),
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["nome", "numero", "serie", "chave_acesso", "ç"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(plain, st.booleans(), st.sampled_from([None, 0, 3]), st.sampled_from([(",", ":"), (" ,\t", " :  ")]))
def test_a_body_without_personal_data_is_the_same_byte_for_byte(
    value: Any, ascii_only: bool, indent: int | None, separators: tuple[str, str]
) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only, indent=indent, separators=separators)
    for written in (body, body.replace("/", "\\/"), body + "\n" + body + "\n"):
        assert mask_body(written) == written
