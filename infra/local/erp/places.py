"""Cities the distributor sells to, with the postal codes and dialling codes that belong to them."""

from random import Random
from typing import NamedTuple


class City(NamedTuple):
    """A city, the first five digits of its lowest and highest CEP, and how much is sold there."""

    name: str
    uf: str
    cep_from: int
    cep_to: int
    area_code: int
    weight: int


CITIES = (
    City("São Paulo", "SP", 1000, 5999, 11, 30),
    City("Guarulhos", "SP", 7000, 7399, 11, 9),
    City("Campinas", "SP", 13000, 13139, 19, 12),
    City("Ribeirão Preto", "SP", 14000, 14109, 16, 8),
    City("Santos", "SP", 11000, 11099, 13, 5),
    City("São José dos Campos", "SP", 12200, 12249, 12, 6),
    City("Sorocaba", "SP", 18000, 18109, 15, 6),
    City("Rio de Janeiro", "RJ", 20000, 23799, 21, 9),
    City("Niterói", "RJ", 24000, 24399, 21, 3),
    City("Belo Horizonte", "MG", 30000, 31999, 31, 8),
    City("Uberlândia", "MG", 38400, 38415, 34, 4),
    City("Juiz de Fora", "MG", 36000, 36107, 32, 2),
    City("Vitória", "ES", 29000, 29099, 27, 3),
    City("Curitiba", "PR", 80000, 82999, 41, 8),
    City("Londrina", "PR", 86000, 86099, 43, 4),
    City("Maringá", "PR", 87000, 87109, 44, 4),
    City("Florianópolis", "SC", 88000, 88099, 48, 3),
    City("Joinville", "SC", 89200, 89239, 47, 4),
    City("Blumenau", "SC", 89000, 89099, 47, 3),
    City("Porto Alegre", "RS", 90000, 91999, 51, 5),
    City("Caxias do Sul", "RS", 95000, 95124, 54, 3),
    City("Salvador", "BA", 40000, 42599, 71, 3),
    City("Recife", "PE", 50000, 52999, 81, 3),
    City("Fortaleza", "CE", 60000, 61599, 85, 2),
    City("Goiânia", "GO", 74000, 74899, 62, 4),
    City("Brasília", "DF", 70000, 72799, 61, 3),
    City("Cuiabá", "MT", 78000, 78099, 65, 2),
    City("Campo Grande", "MS", 79000, 79124, 67, 2),
    City("Belém", "PA", 66000, 66999, 91, 1),
    City("Manaus", "AM", 69000, 69099, 92, 1),
)
_WEIGHTS = tuple(city.weight for city in CITIES)


def draw_city(rng: Random) -> City:
    """Draw a city, the home state more often."""
    return rng.choices(CITIES, _WEIGHTS)[0]


def draw_cep(rng: Random, city: City) -> str:
    """Draw a postal code of the city, as 00000-000."""
    return f"{rng.randint(city.cep_from, city.cep_to):05d}-{rng.randrange(1000):03d}"


def draw_phone(rng: Random, city: City) -> str:
    """Draw a landline of the city."""
    return f"({city.area_code}) {rng.randint(2000, 5999)}-{rng.randrange(10000):04d}"


def draw_mobile(rng: Random, city: City) -> str:
    """Draw a mobile number of the city."""
    return f"({city.area_code}) 9{rng.randint(6000, 9999)}-{rng.randrange(10000):04d}"
