"""CPFs, e-mail addresses and phone numbers are hidden, and nothing else is touched."""

import json
from decimal import Decimal

import pytest

from chalicelib.domain.personal_bodies import mask_body
from chalicelib.domain.personal_data import is_personal, mask_text, mask_value
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
    "/v1/erp/contato/a%7C1?x=ana%40x.com&y=%C3%A7": "/v1/erp/contato/a%7C1?x=a***@***&y=%C3%A7",
    "/v1/erp/contato/52998224725%20ana%40x.com": "/v1/erp/contato/*********25 a***@***",
    "o'neil@example.com": "o***@***",
    "joão@açaí.com.br": "j***@***",
    "ana @ gmail.com. Obrigada": "a***@***. Obrigada",
    "ana@x.com#bia@y.com": "a***@***",
    "ana@x.com;bia@y.com,41999991234": "a***@***;b***@***,*********34",
    "ana@x.com 41999991234": "a***@*** *********34",
    "ana@x.com 41 99999-1234": "a***@*** ** *****-**34",
    "529-982-247-25": "***-***-***-25",
    "529.982.247 - 25": "***.***.*** - 25",
    "529\xa0982\xa0247–25": "***\xa0***\xa0***–25",
    "123.456.789/09": "***.***.***/09",
    "00052998224725": "************25",
    "MEI JOAO 123.456.789-00": "MEI JOAO ***.***.***-00",
    "CPF 12345678900": "CPF *********00",
    "cpf=12345678900&x=1": "cpf=*********00&x=1",
    "Fone: 33334444": "Fone: ******44",
    "tel. 3333 4444": "tel. **** **44",
    "(41)  9  9999 - 1234": "(**)  *  **** - **34",
    "41/99999-1234": "**/*****-**34",
    "41 99999–1234": "** *****–**34",
    "9 9999-1234": "* ****-**34",
    "3333-4444/3333-4445": "****-****/****-**45",
    "*41 99999-1234*": "*** *****-**34*",
    "41999991234,41988881234,1": "*********34,*********34,1",
    "41999991234.0": "*********34",
    "https://wa.me/5541999991234?text=oi": "https://wa.me/***********34?text=oi",
    "\ud800 ana%40x.com": "\ud800 a***@***",
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
    "/v1/erp/pedido/1%2F2?x=%C3%A7",
    "R$ 123.456.789,09",
    "25.4133334444",
    "4133334444.50",
    "4133334444,50",
    "safra 2024-2025",
    "fone 2026-11-24",
    "0800 123 4567",
    "90e32e82-3945-5353-8cde-ce75921ebce6",
    "7b6eb806-cc54-4333-3056-ddb0f1da2b29",
    "cd52998224725e0a41999991234bf3ab",
    "b" * 31 + "4133334444" + "a" * 23,
    "3526 1112 3456 7800 0419 9991 2345 0000 1234 1000 0123",
    "10 @ 5.50",
    "01554133000163",
    "00551120000187",
    "00000001000136",
    "23999991234",
]


@pytest.mark.parametrize("text", HIDDEN)
def test_personal_data_is_hidden_wherever_it_stands(text: str) -> None:
    assert mask_text(text) == HIDDEN[text]
    assert mask_text(text) != text
    assert mask_text(HIDDEN[text]) == HIDDEN[text]
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
            "documento",
            "documento_2",
            "docCliente",
            "correio_eletronico",
        ),
    ],
)
def test_fields_by_other_names_are_recognised(name: str) -> None:
    assert is_personal(name)
    assert mask_value({name: "anything 7"}) == {name: "******** *"}


@pytest.mark.parametrize(
    "name", ["nome", "codigo", "detalhe", "cidade", "data_cadastro", "numero", "titular", "tipo_documento"]
)
def test_other_fields_are_not_mistaken_for_personal_ones(name: str) -> None:
    assert not is_personal(name)


def test_answers_of_the_api_are_hidden_as_bodies_are() -> None:
    answer = {
        "name": "JOAO 52998224725",
        "revenue": "1234567890.50",
        "overdue_balance": "4133334444",
        "numero": 4133334444,
        "fax_2": [7, ["x"]],
        "n": 12345678901,
        "amount": Decimal("52998224725"),
        "list": [{"email": "a@x.com", "ok": True}, None, 3.5],
        "cpf": {"number": 5},
    }
    assert mask_value(answer) == {
        "name": "JOAO *********25",
        "revenue": "1234567890.50",
        "overdue_balance": "4133334444",
        "numero": 4133334444,
        "fax_2": ["*", ["*"]],
        "n": 12345678901,
        "amount": "*********25",
        "list": [{"email": "a***@***", "ok": True}, None, 3.5],
        "cpf": {"number": "*"},
    }


def test_names_that_look_alike_when_hidden_keep_their_values() -> None:
    assert mask_value({"ana@x.com": 1, "alice@x.com": 2}) == {"a***@***": 1, "a***@*** (2)": 2}


def test_sizes_are_no_phone_numbers() -> None:
    sizes = {"bytes": 4133334444, "database_size_bytes": 41999991234}
    assert mask_value(sizes) == sizes


def test_what_a_mask_ends_in_is_no_area_code() -> None:
    assert mask_text("529.982.247-25 3333-4444", landlines=False) == "***.***.***-25 3333-4444"
