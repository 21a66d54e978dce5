//! What people type and what they get, on the bundled gazetteer; forms of the index and hostile input on the sample.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::place::distance::km;

/// For whatever does not need all places.
static SAMPLE: LazyLock<&Gazetteer> = LazyLock::new(Gazetteer::sample);

fn country(code: &str) -> Country {
    Country::new(code).unwrap()
}

fn site_in(code: &str) -> Preference<'static> {
    Preference {
        country: Some(country(code)),
        ..Preference::default()
    }
}

/// `Jabrun, Cantal, FR`
fn label(place: GazetteerPlace<'_>) -> String {
    [Some(place.name), place.region, Some(place.country.code())]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
}

#[test]
fn what_one_begins_to_type_finds_the_place_one_means() {
    for (site, typed, expected) in [
        ("BE", "tarc", "Tarcienne, Namur, BE"),
        ("BE", "Tarcienne", "Tarcienne, Namur, BE"),
        ("FR", "jabru", "Jabrun, Cantal, FR"),
        ("BE", "luik", "Liège, Liège, BE"),
        ("BE", "liege", "Liège, Liège, BE"),
        ("BE", "LÜTTICH", "Liège, Liège, BE"),
        ("BE", "brux", "Bruxelles, Bruxelles, BE"),
        ("GB", "brussels", "Bruxelles, Bruxelles, BE"),
        ("BE", "namen", "Namur, Namur, BE"),
        ("BE", "nam", "Namur, Namur, BE"),
        ("BE", "mons", "Mons, Hainaut, BE"),
        ("BE", "louvain la", "Louvain-la-Neuve, Brabant wallon, BE"),
        ("BE", "la louv", "La Louvière, Hainaut, BE"),
        ("FR", "saint-denis", "Saint-Denis, Seine-Saint-Denis, FR"),
        ("FR", "St Denis", "Saint-Denis, Seine-Saint-Denis, FR"),
        ("FR", "denis", "Saint-Denis, Seine-Saint-Denis, FR"),
        ("RE", "saint-denis", "Saint-Denis, La Réunion, RE"),
        ("BE", "saint-denis namur", "Saint-Denis, Namur, BE"),
        ("FR", "par", "Paris, Paris, FR"),
        ("BE", "par", "Paris, Paris, FR"),
        ("FR", "lyon 3", "Lyon 3e Arrondissement, Rhône, FR"),
        ("FR", "havre", "Le Havre, Seine-Maritime, FR"),
        ("FR", "l'hay", "L'Haÿ-les-Roses, Val-de-Marne, FR"),
        ("FR", "strassburg", "Strasbourg, Bas-Rhin, FR"),
        ("FR", "nizza", "Nice, Alpes-Maritimes, FR"),
        ("CH", "genf", "Genève, Geneva, CH"),
        ("FR", "londres", "London, England, GB"),
        ("FR", "köln", "Köln, North Rhine-Westphalia, DE"),
        ("FR", "cologne all", "Köln, North Rhine-Westphalia, DE"),
        ("FR", "lodz", "Łódź, Łódź Voivodeship, PL"),
        ("US", "paris tex", "Paris, Texas, US"),
        ("FR", "15110", "Chaudes-Aigues, Cantal, FR"),
        ("FR", "15110 j", "Jabrun, Cantal, FR"),
        ("BE", "5651", "Walcourt, Namur, BE"),
        ("BE", "5651 tar", "Tarcienne, Namur, BE"),
        ("BE", "1000", "Bruxelles, Bruxelles, BE"),
        ("FR", "75011", "Paris, Paris, FR"),
        ("FR", "arbignieu", "Arbignieu, Ain, FR"),
        ("FR", "jabrun, fra", "Jabrun, Cantal, FR"),
    ] {
        let found = Gazetteer::bundled().search(typed, &site_in(site), 8);
        let found: Vec<String> = found.into_iter().map(label).collect();
        assert_eq!(
            found.first().map(String::as_str),
            Some(expected),
            "{typed} in {site}: {found:?}"
        );
    }
}

#[test]
fn an_address_is_located_by_the_town_it_names() {
    for (typed, expected) in [
        ("Lyon", Some("Lyon, Rhône, FR")),
        ("5651", Some("Walcourt, Namur, BE")),
        ("Namur, Belgique", Some("Namur, Namur, BE")),
        ("Namur, Wallonie, Belgique", Some("Namur, Namur, BE")),
        ("Namur Belgium", Some("Namur, Namur, BE")),
        ("15110 Jabrun", Some("Jabrun, Cantal, FR")),
        ("Jabrun 15110", Some("Jabrun, Cantal, FR")),
        ("Jabrun (Cantal)", Some("Jabrun, Cantal, FR")),
        (
            "Salle des fêtes, place du Foirail, 15110 Jabrun, France",
            Some("Jabrun, Cantal, FR"),
        ),
        (
            "Salle des fêtes, 12 rue du Four 15110 Jabrun",
            Some("Jabrun, Cantal, FR"),
        ),
        ("Rue de la Loi 16, 1000 Bruxelles", Some("Bruxelles, Bruxelles, BE")),
        ("Wetstraat 16, 1000 Brussel, België", Some("Bruxelles, Bruxelles, BE")),
        ("Tarcienne, Walcourt", Some("Tarcienne, Namur, BE")),
        ("B-5651 Tarcienne", Some("Tarcienne, Namur, BE")),
        ("Paris, Texas", Some("Paris, Texas, US")),
        ("St-Denis, Réunion", Some("Saint-Denis, La Réunion, RE")),
        ("75011 Paris", Some("Paris, Paris, FR")),
        ("Chez Léa, Lyon, Auvergne-Rhône-Alpes", Some("Lyon, Rhône, FR")),
        ("Grand-Place\nMons\nBelgique", Some("Mons, Hainaut, BE")),
        ("Lyo", None),
        ("https://meet.example/kermesse", None),
        ("en ligne", None),
        ("", None),
    ] {
        let found = Gazetteer::bundled().locate(typed, &site_in("BE")).map(label);
        assert_eq!(found.as_deref(), expected, "{typed}");
    }
}

#[test]
fn what_is_only_begun_is_completed_for_a_person() {
    let place = Gazetteer::bundled().best("Lyo", &site_in("FR")).unwrap();
    assert_eq!(label(place), "Lyon, Rhône, FR");
    assert_eq!(Gazetteer::bundled().best("xyzzyxyzzy", &site_in("FR")), None);
}

#[test]
fn a_place_carries_its_zone_codes_and_municipality() {
    let places = Gazetteer::bundled();
    let tarcienne = places.locate("Tarcienne", &Preference::default()).unwrap();
    assert_eq!(tarcienne.within, Some("Walcourt"));
    assert_eq!(tarcienne.postal_codes().collect::<Vec<_>>(), ["5650", "5651"]);
    assert_eq!(tarcienne.zone, "Europe/Brussels");
    assert!(km(tarcienne.point, Point::new(50.312, 4.497).unwrap()) < 0.1);
    assert_eq!(
        places
            .locate("Saint-Denis, Réunion", &Preference::default())
            .unwrap()
            .zone,
        "Indian/Reunion"
    );
    assert_eq!(places.locate("Jabrun", &Preference::default()).unwrap().population, 149);
    assert!((256_000..258_000).contains(&places.len()));
}

#[test]
fn other_names_are_found_but_never_shown() {
    for place in Gazetteer::bundled().search("Lüttich", &Preference::default(), 8) {
        assert!(!place.name.starts_with("Lü"), "{place:?}");
    }
}

#[test]
fn no_place_comes_twice_and_no_arrondissement_pushes_in() {
    for typed in ["par", "paris", "lyon", "saint", "bru"] {
        let found = Gazetteer::bundled().search(typed, &site_in("FR"), 8);
        assert_eq!(found.len(), 8);
        assert!(
            !found.iter().any(|place| place.name.ends_with("Arrondissement")),
            "{typed}: {found:?}"
        );
        for (number, place) in found.iter().enumerate() {
            assert!(
                !found.iter().skip(number + 1).any(|other| other == place),
                "{typed}: {place:?}"
            );
        }
    }
}

#[test]
fn the_neighbourhood_of_the_reader_comes_first() {
    let places = Gazetteer::bundled();
    let home = places.locate("Liège", &site_in("BE")).map(|place| place.point);
    let near_liege = Preference { home, ..site_in("BE") };
    assert_eq!(
        places
            .search("saint-denis", &near_liege, 1)
            .into_iter()
            .map(label)
            .collect::<Vec<_>>(),
        ["Saint-Denis, Namur, BE"]
    );
}

#[test]
fn a_site_of_some_countries_finds_nothing_elsewhere() {
    let only = [country("BE"), country("LU")];
    let preference = Preference {
        only: &only,
        ..Preference::default()
    };
    let places = Gazetteer::bundled();
    assert!(
        places
            .search("par", &preference, 20)
            .iter()
            .all(|place| only.contains(&place.country))
    );
    assert_eq!(places.locate("Jabrun", &preference), None);
    let unknown = [country("QQ")];
    assert!(
        places
            .search(
                "par",
                &Preference {
                    only: &unknown,
                    ..Preference::default()
                },
                20
            )
            .is_empty()
    );
}

#[test]
fn the_nearest_place_is_the_one_around() {
    let places = Gazetteer::bundled();
    let near = |lat, lon, km| places.nearest(Point::new(lat, lon).unwrap(), km).map(label);
    assert_eq!(near(50.31, 4.50, 10.0).as_deref(), Some("Tarcienne, Namur, BE"));
    assert_eq!(near(44.81, 2.96, 10.0).as_deref(), Some("Jabrun, Cantal, FR"));
    assert_eq!(
        near(-48.0, -123.0, 1_000.0),
        None,
        "the point of the sea farthest from land"
    );
    assert!(near(-48.0, -123.0, 5_000.0).is_some());
    assert!(near(-90.0, 0.0, 20_100.0).is_some());
    assert_eq!(near(50.31, 4.50, f64::NAN), None);
}

#[test]
fn fewer_than_two_characters_and_an_absurd_text_find_nothing() {
    let places = Gazetteer::bundled();
    let long = "saint ".repeat(10_000);
    for typed in ["", "s", " s ", "!?", "🎪", &long] {
        assert!(places.search(typed, &Preference::default(), 8).is_empty());
        assert_eq!(places.locate(typed, &Preference::default()), None);
    }
    assert!(places.search("paris", &Preference::default(), 0).is_empty());
}

#[test]
fn the_sample_has_200_places_and_answers_alike() {
    assert_eq!(SAMPLE.len(), 200);
    for (typed, expected) in [("luik", "Liège, Liège, BE"), ("denis", "Saint-Denis, La Réunion, RE")] {
        let found = SAMPLE.search(typed, &Preference::default(), 8);
        assert_eq!(found.first().copied().map(label).as_deref(), Some(expected));
    }
}

#[test]
fn a_bad_line_is_told_by_its_number() {
    let head = "name\tother_names\tcountry\tregion\twithin\tpostal_codes\tlat\tlon\tpopulation\tzone\n";
    let good = "A\t\tBE\t\t\t\t50.0\t4.0\t12\tEurope/Brussels\n";
    assert_eq!(Gazetteer::from_tsv(&format!("{head}{good}")).unwrap().len(), 1);
    for (line, what) in [
        ("A\t\tBE", "region"),
        ("\t\tBE\t\t\t\t50.0\t4.0\t12\tEurope/Brussels", "name"),
        ("A\t\tQQ\t\t\t\t50.0\t4.0\t12\tEurope/Brussels", "country"),
        ("A\t\tBE\t\t\t\t90.1\t4.0\t12\tEurope/Brussels", "lat"),
        ("A\t\tBE\t\t\t\t50.0\tnan\t12\tEurope/Brussels", "lon"),
        ("A\t\tBE\t\t\t\t50.0\t4.0\t-1\tEurope/Brussels", "population"),
    ] {
        let error = Gazetteer::from_tsv(&format!("{head}{good}{line}\n")).err();
        assert_eq!(error, Some(BadLine { line: 3, what }));
    }
}

#[test]
fn an_empty_table_is_an_empty_gazetteer() {
    let none = Gazetteer::from_tsv("").unwrap();
    assert!(none.is_empty());
    assert!(none.search("paris", &Preference::default(), 8).is_empty());
    assert_eq!(none.locate("paris", &Preference::default()), None);
    assert_eq!(none.nearest(Point::new(0.0, 0.0).unwrap(), 20_100.0), None);
}

/// All places of the sample.
fn every_place() -> impl Iterator<Item = GazetteerPlace<'static>> {
    (0..SAMPLE.len()).filter_map(|record| SAMPLE.view().place(record))
}

#[test]
fn every_place_is_found_by_its_name_and_by_every_beginning_of_it() {
    for place in every_place() {
        let name = normalise(place.name);
        for end in (2..=name.len()).filter(|end| name.is_char_boundary(*end)) {
            let prefix = name[..end].trim_end();
            let mentions_part = place.within.is_some_and(|town| prefix.len() <= normalise(town).len());
            if prefix.chars().count() < 2 || mentions_part {
                continue;
            }
            assert!(
                SAMPLE.search(prefix, &Preference::default(), 200).contains(&place),
                "{prefix}: {place:?}"
            );
        }
    }
}

#[test]
fn every_place_is_located_by_its_name_and_region() {
    // A bracket would part "Zürich (Kreis 9)" into two.
    for place in every_place().filter(|place| !place.name.contains('(')) {
        let address = format!("{}, {}", place.name, place.region.unwrap_or_default());
        assert_eq!(
            SAMPLE.locate(&address, &Preference::default()),
            Some(place),
            "{address}"
        );
    }
}

fn anything() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,8}",
        "[a-z]{1,4}",
        "[ ,;()0-9\\n-]{1,6}",
        Just("saint denis".to_owned()),
        Just("paris".to_owned())
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.join(""))
}

proptest! {
    #[test]
    fn no_text_makes_it_fail(text in anything(), limit in 0_usize..20) {
        for places in [Gazetteer::bundled(), *SAMPLE] {
            prop_assert!(places.search(&text, &site_in("BE"), limit).len() <= limit);
            places.best(&text, &site_in("BE"));
        }
    }

    #[test]
    fn a_search_finds_every_place_whose_name_begins_so(prefix in "[a-z]{2,3}") {
        let found = SAMPLE.search(&prefix, &Preference::default(), 200);
        for place in every_place().filter(|place| place.within.is_none() && normalise(place.name).starts_with(&prefix)) {
            prop_assert!(found.contains(&place), "{place:?} in {found:?}");
        }
    }

    #[test]
    fn what_is_passed_over_would_not_have_been_among_the_best(
        prefix in "[a-z]{2}|[a-z]{3}|[1-9][0-9]{2}",
        lat in 42.0..52.0_f64,
        lon in -2.0..8.0_f64,
    ) {
        let places = Gazetteer::bundled();
        let preference = Preference { home: Point::new(lat, lon), ..site_in("FR") };
        let all = places.search(&prefix, &preference, 2_000);
        let best = places.search(&prefix, &preference, 8);
        prop_assert_eq!(all.get(..best.len()), Some(best.as_slice()));
    }

    #[test]
    fn damaged_bytes_never_panic(at in 0_usize..200_000, byte: u8, keep in 0_usize..200_000, text in "[a-z]{2,4}") {
        let mut bytes = SAMPLE.index.to_vec();
        let at = at % bytes.len();
        bytes[at] = byte;
        for index in [bytes.clone(), bytes[..keep % bytes.len()].to_vec()] {
            let damaged = Gazetteer { index: Cow::Owned(index) };
            damaged.search(&text, &site_in("BE"), 8);
            damaged.best("1000 Bruxelles, Belgique", &site_in("BE"));
            damaged.nearest(Point::new(50.0, 4.0).unwrap(), 20_100.0);
        }
    }

    #[test]
    fn the_nearest_is_the_nearest_of_all(lat in -90.0..90.0_f64, lon in -180.0..180.0_f64, within in 0.0..20_100.0_f64) {
        let point = Point::new(lat, lon).unwrap();
        let expected = every_place().map(|place| km(point, place.point)).min_by(f64::total_cmp).filter(|away| *away <= within);
        let found = SAMPLE.nearest(point, within).map(|place| km(point, place.point));
        prop_assert_eq!(found, expected);
    }
}
