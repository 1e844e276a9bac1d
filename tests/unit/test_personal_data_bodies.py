"""Bodies lose their personal data, field by field, and keep every other byte."""

import json

import pytest

from chalicelib.domain.personal_bodies import mask_body


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
    '{"obs":"\\u0061na\\u0040x.com \\q"}': '{"obs":"a***@*** \\\\q"}',
    '{"obs":"ana@x.com \\/ \\n"} ': '{"obs":"a***@*** / \\n"} ',
    '{"email":"52998224725 a***@***"}': '{"email":"5***@***"}',
    '{"cpf":1,"cpf":2}': '{"cpf":"*","cpf":"*"}',
    '{"contato2":4133334444,"numero":4133334444}': '{"contato2":"********44","numero":4133334444}',
    '{"a":52998224725.0,"b":-52998224725}': '{"a":"*********25","b":"*********25"}',
    '{"a":5.2998224725E10,"b":1e999}': '{"a":"*********25","b":1e999}',
    '{"numero":"3333-4444","x":"3333-4444"}': '{"numero":"3333-4444","x":"****-**44"}',
    '{"a":[{"numero":1},"4133334444"]}': '{"a":[{"numero":1},"********44"]}',
    '{"numero":4133334444,"x"': '{"numero":4133334444,"x"',
    '{"codigo":5299822472': '{"codigo":"********72"',
    '{"obs":"ligar 99999-1': '{"obs":"ligar *****-*',
    '{"obs":"ligar 99999\\u00': '{"obs":"ligar *****\\\\u00',
    '{"obs":"ana.silva@': '{"obs":"a***@***',
    '{"cnpj":1554133000163,"x":"01554133000163"}': '{"cnpj":1554133000163,"x":"01554133000163"}',
    '{"cnpj":5511900000036,"x":1}': '{"cnpj":5511900000036,"x":1}',
    '{"x":4133334444.,"a":1}': '{"x":"********44.","a":1}',
    '{"emitida_em":"2026-11-2': '{"emitida_em":"2026-11-2',
    "{'telefone': '33334444'}": "{'telefone': '******44'}",
    "<cpf>12345678900</cpf>": "<cpf>*********00</cpf>",
    "nome;fone\nAna;4133334444.": "nome;fone\nAna;********44.",
}


@pytest.mark.parametrize("body", BODIES)
def test_a_body_is_hidden_where_it_must_be_and_byte_for_byte_the_same_elsewhere(body: str) -> None:
    assert mask_body(body) == BODIES[body]
    assert mask_body(BODIES[body]) == BODIES[body]


def test_a_lone_surrogate_that_was_escaped_stays_escaped_and_a_byte_stays_a_byte() -> None:
    escaped = '{"obs":"ção \\ud800 \\udce9 ana@x.com"}'
    assert mask_body(escaped) == '{"obs":"ção \\ud800 \\udce9 a***@***"}'
    raw = b'{"obs":"S\xe3o Paulo ana@x.com"}'.decode("utf-8", "surrogateescape")
    assert mask_body(raw).encode("utf-8", "surrogateescape") == b'{"obs":"S\xe3o Paulo a***@***"}'
