"""CPFs, e-mail addresses and phone numbers are hidden, and nothing else is touched."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.documents import cpf_ok
from chalicelib.domain.personal_bodies import mask_body
from chalicelib.domain.personal_data import hide, is_personal, mask_text, mask_value
from chalicelib.domain.tables import TABLES

HIDDEN = {
    "ana@example.com": "a***@***",
    "Ana.Silva+erp@mail.example.com.br, obrigada": "A***@***, obrigada",
    "escreva para joao_1@intranet": "escreva para j***@***",
    "529.982.247-25": "***.***.***-25",
    "CPF 529.982.247-25.": "CPF ***.***.***-25.",
    "CPF:52998224725": "CPF:*********25",
    "111.111.111-11": "***.***.***-11",
    "JOAO DA SILVA 52998224725": "JOAO DA SILVA *********25",
    "(41) 99999-1234": "(**) *****-**34",
    "41 99999-1234": "** *****-**34",
    "041 3333-4444": "*** ****-**44",
    "41.99999.1234": "**.*****.**34",
    "+55 (41) 3333-4444": "+** (**) ****-**44",
    "+5541999991234": "+***********34",
    "5541999991234": "***********34",
    "41999991234": "*********34",
    "4133334444": "********44",
    "ligar 99999-1234 à tarde": "ligar *****-**34 à tarde",
    "recado: 3333-4444": "recado: ****-**44",
    "/v1/erp/contato/529.982.247-25": "/v1/erp/contato/***.***.***-25",
    "/v1/erp/contato/ana%40example.com": "/v1/erp/contato/a***@***",
    "/v1/erp/contato/%35%32998224725": "/v1/erp/contato/*********25",
    "a|52998224725": "a|*********25",
}
KEPT = [
    "",
    "Comercial de Alimentos Ltda",
    "12.345.678/0001-95",
    "12345678000195",
    "12ABC34501DE35",
    "35261112345678000195550010000012341000012345",
    "12345678901",
    "1234.50",
    "11.98765432",
    "2026-11-24",
    "2026-11-24T03:00:00.123456Z",
    "24/11/2026 10:30:15",
    "80010-000",
    "019f1b9e7ffd7b1dbaae2f5564c3fa8a",
    "3f2a1234-2345-4567-8901-123456789012",
    "Pedido 000123/2026-1",
    "@ sozinho",
    "100%",
    "R$ 1.234.567,89",
    "/v1/erp/nota/1%7C1",
]


@pytest.mark.parametrize("text", HIDDEN)
def test_personal_data_is_hidden_wherever_it_stands(text: str) -> None:
    assert mask_text(text) == HIDDEN[text]
    assert mask_text(HIDDEN[text]) == HIDDEN[text]


@pytest.mark.parametrize("text", KEPT)
def test_everything_else_is_left_alone(text: str) -> None:
    assert mask_text(text) == text
    assert mask_body(text) == text
    assert mask_body(json.dumps({"records": [{"numero": text, "x": text}]})) == json.dumps(
        {"records": [{"numero": text, "x": text}]}
    )


def test_every_field_of_our_tables_that_holds_personal_data_is_known() -> None:
    found = {field.name for table in TABLES.values() for field in table.fields if is_personal(field.name)}
    assert found == {"cpf", "email", "telefone", "celular"}


@pytest.mark.parametrize(
    "name",
    [
        *(
            "CPF",
            "cpf_conjuge",
            "cpf_cnpj",
            "e-mail",
            "E_Mail",
            "emailNFe",
            "mail",
            "telefone_2",
            "Telefones",
        ),
        *(
            "fone",
            "foneComercial",
            "celular1",
            "whatsApp",
            "phone",
            "mobile_phone",
            "fax",
            "tel",
            "Téléphone",
        ),
    ],
)
def test_fields_by_other_names_are_recognised(name: str) -> None:
    assert is_personal(name)
    assert mask_value({name: "anything 7"}) == {name: "******** *"}


@pytest.mark.parametrize(
    "name", ["nome", "codigo", "detalhe", "cidade", "data_cadastro", "numero", "titular"]
)
def test_other_fields_are_not_mistaken_for_personal_ones(name: str) -> None:
    assert not is_personal(name)


def test_an_order_s_number_is_no_phone_but_a_person_s_code_may_be_a_cpf() -> None:
    body = '{"numero":"4133334444","obs":"4133334444","codigo":"52998224725","contato_codigo":"41999991234"}'
    assert json.loads(mask_body(body)) == {
        "numero": "4133334444",
        "obs": "********44",
        "codigo": "*********25",
        "contato_codigo": "*********34",
    }


BODIES = {
    '{"cpf":"529.982.247-25","nome":"Ana"}': '{"cpf":"***.***.***-25","nome":"Ana"}',
    '{ "cpf" : 52998224725 ,\n"x":1.50}': '{ "cpf" : "*********25" ,\n"x":1.50}',
    '{"codigo":52998224725}': '{"codigo":"*********25"}',
    '{"email":null,"telefone":"","celular":false}': '{"email":null,"telefone":"","celular":false}',
    '{"email":"jo\\u0061o@x.com"}': '{"email":"j***@***"}',
    '{"\\u0065mail":"who knows"}': '{"\\u0065mail":"*** *****"}',
    '{"obs":"\\u0061na\\u0040x.com"}': '{"obs":"a***@***"}',
    '{"fone":["41 3333-4444",{"r":12}],"r":12}': '{"fone":["** ****-**44",{"r":"**"}],"r":12}',
    '{"ana@x.com":1}': '{"a***@***":1}',
    '{"email":"a@x.com"}\n{"email":"b@x.com"}\n': '{"email":"a***@***"}\n{"email":"b***@***"}\n',
    '{"email":"ana@x.co': '{"email":"a***@***',
    '{"cpf":"529.982': '{"cpf":"***.***',
    '{"obs":"ligar 41 99999-1234': '{"obs":"ligar ** *****-**34',
    '{"a":"x" "telefone":"(41) 99999-1234"': '{"a":"x" "telefone":"(**) *****-**34"',
    "codigo;email\n1;ana@x.com": "codigo;email\n1;a***@***",
    "ligar 41 99999 1234": "ligar ** ***** **34",
}


@pytest.mark.parametrize("body", BODIES)
def test_a_body_is_hidden_where_it_must_be_and_byte_for_byte_the_same_elsewhere(body: str) -> None:
    assert mask_body(body) == BODIES[body]
    assert mask_body(BODIES[body]) == BODIES[body]


def test_answers_of_the_api_are_hidden_as_bodies_are() -> None:
    answer = {
        "name": "JOAO 52998224725",
        "revenue": "1234567890.50",
        "n": 12345678901,
        "amount": Decimal("52998224725"),
        "list": [{"email": "a@x.com", "ok": True}, None, 3.5],
        "cpf": {"number": 5},
    }
    assert mask_value(answer) == {
        "name": "JOAO *********25",
        "revenue": "1234567890.50",
        "n": 12345678901,
        "amount": "*********25",
        "list": [{"email": "a***@***", "ok": True}, None, 3.5],
        "cpf": {"number": "*"},
    }


cpfs = st.integers(0, 999_999_999).map(lambda number: _cpf(f"{number:09d}")).filter(cpf_ok)
phones = st.builds(
    "{} 9{}-{}".format,
    st.integers(11, 99).filter(lambda n: n % 10),
    st.integers(1000, 9999),
    st.integers(1000, 9999),
)
emails = st.from_regex(r"[a-z][a-z0-9.]{2,10}@[a-z]{3,8}\.(com|com\.br)", fullmatch=True)
secrets = st.one_of(cpfs, cpfs.map(lambda one: f"{one[:3]}.{one[3:6]}.{one[6:9]}-{one[9:]}"), phones, emails)
names = st.sampled_from(["nome", "obs", "email", "cpf", "telefone", "x", "descricao", "a_b"])


def _cpf(body: str) -> str:
    for _ in range(2):
        total = sum(
            int(digit) * weight for digit, weight in zip(body, range(len(body) + 1, 1, -1), strict=True)
        )
        body += str((total * 10) % 11 % 10)
    return body


@given(
    st.recursive(
        st.one_of(secrets, st.integers(0, 9_999), st.none(), st.booleans()),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
        max_leaves=6,
    ),
    st.booleans(),
    st.data(),
)
def test_no_secret_survives_in_any_json_escaped_indented_or_broken_off(
    value: Any, ascii_only: bool, data: st.DataObject
) -> None:
    whole = json.dumps(value, ensure_ascii=ascii_only, indent=data.draw(st.sampled_from([None, 2])))
    body = whole[: data.draw(st.integers(0, len(whole)))] if data.draw(st.booleans()) else whole
    hidden = mask_body(body)
    assert mask_body(hidden) == hidden
    for secret in _leaves(value):
        digits = "".join(filter(str.isdecimal, secret))
        assert secret not in hidden
        assert "@" in secret or digits not in hidden
    if body == whole:
        assert _shape(json.loads(hidden)) == _shape(value)


def _leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item)]
    return [value] if isinstance(value, str) else []


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shape(item) for name, item in value.items()}
    return [_shape(item) for item in value] if isinstance(value, list) else None


@given(st.text(st.characters(exclude_categories=()), max_size=40))
def test_no_text_is_too_odd_and_hiding_twice_hides_no_more(text: str) -> None:
    for masked in (mask_text, mask_body, hide):
        once = masked(text)
        assert masked(once) == once


@pytest.mark.parametrize("text", ["a", "1", "@", "(", '"\\', "!", "1 ", "a@", '{"a":', "11 9", "%", ".9"])
def test_a_megabyte_of_anything_is_done_in_one_pass(text: str) -> None:
    """Hangs if a pattern tries every start of a long run."""
    long = text * (1_000_000 // len(text))
    mask_body(long)
    mask_text(long)
