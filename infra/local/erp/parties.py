"""Who the distributor deals with: vendedores, fornecedores, empresas and contatos."""

import re
import unicodedata
from datetime import date, timedelta
from random import Random

from faker import Faker

from infra.local.erp.identifiers import draw_cnpj, draw_cpf, format_cnpj, spoil_check_digit
from infra.local.erp.places import draw_cep, draw_city, draw_mobile, draw_phone
from infra.local.erp.tables import Record
from infra.local.erp.trading_days import TradingDays, draw_instant

SEGMENTS = ("Construção civil", "Revenda", "Indústria", "Instalações elétricas", "Hidráulica",
            "Agronegócio", "Serviços", "Condomínios")  # fmt: skip
_TRADES = ("Materiais de Construção", "Ferragens", "Elétrica", "Engenharia", "Manutenção Predial",
           "Agrícola", "Instalações", "Comércio de Ferramentas")  # fmt: skip
_SUFFIXES = ("Ltda", "Ltda - ME", "S/A", "EIRELI", "Comércio e Serviços Ltda")
_JOBS = ("Comprador", "Gerente de compras", "Proprietária", "Encarregado de obra", "Almoxarife",
         "Sócio; responsável técnico", "Financeiro")  # fmt: skip


def build_vendedores(rng: Random, fake: Faker, days: TradingDays, count: int) -> list[Record]:
    """Build a manager, one supervisor for every five people, and their teams."""
    supervisors = max(2, count // 6)
    records = []
    for number in range(1, count + 1):
        leader = 1 if number <= 1 + supervisors else rng.randint(2, 1 + supervisors)
        name = _person(fake)
        records.append(
            {
                "codigo": f"{number:06d}",
                "nome": name,
                "email": f"{_slug(name)}@distribuidora-ipe.example",
                "telefone": draw_mobile(rng, draw_city(rng)),
                "supervisor_codigo": None if number == 1 else f"{leader:06d}",
                "ativo": number % 7 != 0,
                "atualizado_em": _registered(rng, days),
            }
        )
    return records


def build_fornecedores(rng: Random, fake: Faker, days: TradingDays, count: int) -> list[Record]:
    """Build suppliers; this ERP prints their CNPJ with punctuation."""
    records = []
    for number in range(1, count + 1):
        city, name = draw_city(rng), fake.last_name()
        records.append(
            {
                "codigo": f"{number:06d}",
                "razao_social": f"{name} Indústria e Comércio {rng.choice(_SUFFIXES[:3])}",
                "nome_fantasia": f"Grupo {name}",
                "cnpj": format_cnpj(draw_cnpj(rng, alphanumeric=rng.random() < 0.05)),
                "email": f"vendas@{_slug(name)}.example",
                "telefone": draw_phone(rng, city),
                "cidade": city.name,
                "uf": city.uf,
                "ativo": rng.random() < 0.95,
                "atualizado_em": _registered(rng, days),
            }
        )
    return records


def build_empresas(
    rng: Random, fake: Faker, days: TradingDays, vendedores: list[Record], count: int
) -> list[Record]:
    """Build companies; every tenth is new and has an alphanumeric CNPJ, about 6 % have no vendedor."""
    sellers = [record["codigo"] for record in vendedores]
    records = []
    for number in range(1, count + 1):
        joined = _joined(rng, days, new=number % 10 == 0)
        record = _empresa(rng, fake, joined, alphanumeric=number % 10 == 0)
        record["codigo"] = f"{number:06d}"
        record["vendedor_codigo"] = None if rng.random() < 0.06 else rng.choice(sellers)
        record["atualizado_em"] = draw_instant(rng, days.clamp(joined + timedelta(days=rng.randrange(90))))
        if number % 60 == 7:
            record["cnpj"] = spoil_check_digit(record["cnpj"])
        if number % 50 == 3:
            record["codigo_legado"] = f"A1-{number}"  # a field that the contract does not know
        records.append(record)
    return records


def build_contatos(
    rng: Random, fake: Faker, days: TradingDays, empresas: list[Record], count: int
) -> list[Record]:
    """Build people: three of five work at one of the companies, the others buy for themselves."""
    records = []
    for number in range(1, count + 1):
        employer = rng.choice(empresas) if rng.random() < 0.6 else None
        record = _contato(rng, fake, days, employer)
        record["codigo"] = f"{number:06d}"
        record["vendedor_codigo"] = (employer or rng.choice(empresas))["vendedor_codigo"]
        record["atualizado_em"] = _registered(rng, days)
        if number % 120 == 11 and record["cpf"]:
            record["cpf"] = spoil_check_digit(record["cpf"])
        records.append(record)
    return records


def _empresa(rng: Random, fake: Faker, joined: date, *, alphanumeric: bool) -> Record:
    city, owner = draw_city(rng), fake.last_name()
    trade = rng.choice(_TRADES)
    brand = f'{trade} "{owner}"' if rng.random() < 0.1 else f"{owner} {trade}"
    return {
        "razao_social": f"{owner} & {fake.last_name()} {trade} {rng.choice(_SUFFIXES)}",
        "nome_fantasia": brand,
        "cnpj": draw_cnpj(rng, alphanumeric=alphanumeric),
        "inscricao_estadual": "ISENTO" if rng.random() < 0.15 else f"{rng.randrange(10**12):012d}",
        "segmento": rng.choice(SEGMENTS),
        "email": f"compras@{_slug(owner)}{_slug(trade)[:8]}.example",
        "telefone": draw_phone(rng, city),
        "logradouro": fake.street_name()
        + ("\nEntrada pela lateral; falar com a portaria" * (rng.random() < 0.03)),
        "numero": "s/nº" if rng.random() < 0.05 else str(rng.randint(1, 4999)),
        "bairro": fake.bairro(),
        "cidade": city.name,
        "uf": city.uf,
        "cep": draw_cep(rng, city),
        "limite_credito": f"{rng.randint(1, 400) * 500}.00",
        "data_cadastro": joined.isoformat(),
        "ativo": rng.random() < 0.94,
    }


def _contato(rng: Random, fake: Faker, days: TradingDays, employer: Record | None) -> Record:
    city, name = draw_city(rng), _person(fake)
    return {
        "nome": name,
        "cpf": draw_cpf(rng) if employer is None or rng.random() < 0.5 else None,
        "empresa_codigo": employer["codigo"] if employer else None,
        "email": f"{_slug(name)}@correio.example",
        "telefone": draw_phone(rng, city) if rng.random() < 0.4 else None,
        "celular": draw_mobile(rng, city),
        "cargo": rng.choice(_JOBS) if employer else None,
        "data_nascimento": (days.today - timedelta(days=rng.randint(20 * 365, 70 * 365))).isoformat(),
        "cidade": employer["cidade"] if employer else city.name,
        "uf": employer["uf"] if employer else city.uf,
        "ativo": rng.random() < 0.95,
    }


def _joined(rng: Random, days: TradingDays, *, new: bool) -> date:
    if new:
        return days.last - timedelta(days=rng.randint(10, 120))
    return days.first - timedelta(days=rng.randint(1, 4000))


def _registered(rng: Random, days: TradingDays) -> str:
    return draw_instant(rng, days.draw(rng, days.first, days.last - timedelta(days=1)))


def _person(fake: Faker) -> str:
    return f"{fake.first_name()} {fake.last_name()} {fake.last_name()}"


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z]+", ".", plain).strip(".")
