"""What the distributor sells: hardware, electrical and plumbing goods of a dozen invented brands."""

from random import Random
from typing import NamedTuple


class Brand(NamedTuple):
    """A brand and its code in the ERP."""

    code: str
    name: str


class Product(NamedTuple):
    """A product; `price` is in cents; `divisible` goods are sold by the metre or kilogram."""

    code: str
    description: str
    brand: Brand
    price: int
    divisible: bool


class Family(NamedTuple):
    """Products that differ in one measure; prices in cents, from the first measure to the last."""

    description: str
    measures: tuple[str, ...]
    price_from: int
    price_to: int
    divisible: bool = False


BRANDS = tuple(
    Brand(f"M{number:02d}", name)
    for number, name in enumerate(
        ("Aroeira", "Voltare", "Ferronorte", "Lúmina", "Hidrovale", "Maçaranduba", "Torqmax", "Pé-de-Serra",
         "Cobrasul", "Itaúna", "D'Oeste Ferragens", "União & Filhos"),
        start=1,
    )
)  # fmt: skip

FAMILIES = (
    Family('Parafuso sextavado zincado {}"; cx. 100', ("1/4", "5/16", "3/8", "1/2", "5/8"), 1890, 9650),
    Family('Tubo PVC soldável {}" barra 6 m', ("1/2", "3/4", "1", "1 1/2", "2"), 1650, 7890),
    Family("Cabo flexível {} mm² (metro)", ("1,5", "2,5", "4", "6", "10"), 189, 1150, divisible=True),
    Family("Corrente galvanizada {} mm (kg)", ("4", "6", "8", "10"), 2390, 3150, divisible=True),
    Family("Disjuntor bipolar {} A", ("16", "20", "32", "40", "63"), 3290, 7990),
    Family("Lâmpada LED {} W bivolt", ("9", "12", "15", "20", "40"), 690, 4590),
    Family("Furadeira de impacto {} W", ("500", "650", "750", "1000"), 17900, 45900),
    Family("Chave combinada {} mm", ("8", "10", "13", "17", "19"), 1290, 3690),
    Family('Registro de esfera {}"', ("1/2", "3/4", "1", "2"), 2190, 11800),
    Family("Tinta acrílica branco-neve {} L", ("3,6", "18", "20"), 8990, 38900),
    Family("Luva de segurança tamanho {}", ("P", "M", "G", "GG"), 490, 890),
    Family("Disco de corte {} mm", ("115", "180", "230", "300"), 590, 2490),
    Family("Fita isolante {} m", ("5", "10", "20"), 390, 1490),
    Family("Compressor de ar {} L", ("24", "50", "100"), 89000, 289000),
    Family("Kit de brocas {} peças\nAcompanha estojo; não inclui adaptador", ("6", "13", "21"), 3490, 15900),
    Family("Torneira de parede ½ volta {} cm", ("12", "15", "20"), 3990, 9990),
)


def build_catalogue(rng: Random) -> dict[Brand, list[Product]]:
    """Give every measure of every family to three brands, each with a price of its own."""
    shelves: dict[Brand, list[Product]] = {brand: [] for brand in BRANDS}
    code = 0
    for family in FAMILIES:
        step = (family.price_to - family.price_from) // (len(family.measures) - 1)
        for place, measure in enumerate(family.measures):
            for brand in rng.sample(BRANDS, 3):
                code += 1
                price = round((family.price_from + step * place) * rng.uniform(0.9, 1.1))
                text = family.description.format(measure)
                shelves[brand].append(Product(f"{code:06d}", text, brand, price, family.divisible))
    return shelves
