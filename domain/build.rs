//! Makes the index of the gazetteer, which the program carries and searches in place.
//!
//! The table is unpacked, its names normalised and sorted, with the code that the program itself has for it.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

#[expect(dead_code, unreachable_pub, reason = "written for the library")]
#[path = "src/place/grid.rs"]
mod grid;
#[path = "src/place/gazetteer/index.rs"]
mod index;
#[path = "src/place/gazetteer/key_index.rs"]
mod key_index;
#[expect(dead_code, reason = "written for the library")]
#[path = "src/place/gazetteer/layout.rs"]
mod layout;
#[expect(unreachable_pub, reason = "written for the library")]
#[path = "src/text/normalise.rs"]
mod normalise;
#[expect(unreachable_pub, reason = "written for the library")]
#[path = "src/place/gazetteer/table.rs"]
mod table;

// The paths by which these files know each other in the library.
mod place {
    pub(crate) use crate::grid;
    pub(crate) mod gazetteer {
        pub(crate) use crate::{index, key_index, layout, table};
    }
}
mod text {
    pub(crate) use crate::normalise;
}

const SOURCES: [&str; 9] = [
    "data/places/places.tsv.zst",
    "data/places/countries.tsv",
    "src/place/grid.rs",
    "src/place/gazetteer/index.rs",
    "src/place/gazetteer/key_index.rs",
    "src/place/gazetteer/layout.rs",
    "src/place/gazetteer/table.rs",
    "src/text/normalise.rs",
    "../migrations", // in the library: it is not built anew for them by itself
];

#[expect(
    clippy::disallowed_methods,
    reason = "Cargo speaks to build scripts through the environment"
)]
fn main() -> Result<(), Box<dyn Error>> {
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
    }
    let places = String::from_utf8(zstd::decode_all(fs::File::open("data/places/places.tsv.zst")?)?)?;
    let countries = fs::read_to_string("data/places/countries.tsv")?;
    let index = index::index(&places, &countries)?;
    let folder = env::var("OUT_DIR")?;
    fs::write(Path::new(&folder).join("gazetteer.index"), index)?;
    Ok(())
}
