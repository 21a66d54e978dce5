//! Public actors: people, groups and the site itself, of here and of elsewhere.

mod model;
pub mod policy;
mod store;

pub use model::{Kind, NewProfile, Profile};

use crate::{
    caller::Caller,
    change::{CacheTag, Change},
    db::Tx,
    error::{Error, Reason, Result, What},
    id::ProfileId,
    ports::KeyPair,
    text::{Handle, PlainText, RichText},
};

/// Makes a profile of ours.
///
/// # Errors
/// `Conflict(NameTaken)`: names are never used twice.
pub fn create(tx: &mut Tx<'_>, caller: &Caller, new: NewProfile, keys: &KeyPair) -> Result<Profile> {
    let new = policy::create(caller, new)?;
    if store::by_name(tx, &new.name)?.is_some() {
        return Err(Error::Conflict(Reason::NameTaken));
    }
    let profile = store::insert(tx, &new, keys)?;
    tx.emit(caller, &Change::ProfileCreated(profile.id))?;
    Ok(profile)
}

/// The site's own actor, which is made where it is missing, with `keys`. Its names and words are those of the settings,
/// not of its row. Look for it with [`named`] first: keys are dear to make.
///
/// # Errors
/// Those of the database.
pub fn site(tx: &mut Tx<'_>, keys: &KeyPair) -> Result<Profile> {
    let name = Handle::of_site();
    if let Some(known) = store::by_name(tx, &name)? {
        return Ok(known);
    }
    let new = NewProfile {
        kind: Kind::Application,
        name,
        display_name: PlainText::default(),
        summary: RichText::default(),
        zone: None,
        language: None,
    };
    let profile = store::insert(tx, &policy::site(new), keys)?;
    tx.emit(&Caller::System, &Change::ProfileCreated(profile.id))?;
    Ok(profile)
}

/// The profile of ours with this name.
///
/// # Errors
/// `NotFound`.
pub fn named(tx: &mut Tx<'_>, name: &Handle) -> Result<Profile> {
    let found = store::by_name(tx, name)?;
    // A page that says "not found" is dropped when somebody takes the name.
    tx.saw(
        found
            .as_ref()
            .map_or(CacheTag::List(crate::change::ListKind::Names), |one| {
                CacheTag::Profile(one.id)
            }),
    );
    found.ok_or(Error::NotFound(What::Profile))
}

/// The profile with this identifier.
///
/// # Errors
/// `NotFound`.
pub fn by_id(tx: &mut Tx<'_>, id: ProfileId) -> Result<Profile> {
    by_ids(tx, &[id])?.pop().ok_or(Error::NotFound(What::Profile))
}

/// The profiles with these identifiers, in any order; missing ones are left out.
///
/// # Errors
/// Those of the database.
pub fn by_ids(tx: &mut Tx<'_>, ids: &[ProfileId]) -> Result<Vec<Profile>> {
    for id in ids {
        tx.saw(CacheTag::Profile(*id));
    }
    store::by_ids(tx, ids)
}

/// The public key of an actor, PEM.
///
/// # Errors
/// `NotFound` where the profile has none.
pub fn public_key(tx: &mut Tx<'_>, id: ProfileId) -> Result<String> {
    tx.saw(CacheTag::Profile(id));
    store::public_key(tx, id)?.ok_or(Error::NotFound(What::Profile))
}

/// How many profiles of ours there are of a kind.
///
/// # Errors
/// Those of the database.
pub fn count(tx: &mut Tx<'_>, kind: Kind) -> Result<i64> {
    tx.saw(CacheTag::List(crate::change::ListKind::Names));
    store::count(tx, kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::testing::{TestDb, test_keys};

    #[tokio::test]
    async fn the_site_has_one_actor_which_nobody_else_makes() {
        let db = TestDb::new();
        let site = || db.db.write(|tx| site(tx, &test_keys()));
        let made = site().await.unwrap();
        assert_eq!((made.kind, made.name.as_str()), (Kind::Application, "relay"));
        assert_eq!(site().await.unwrap(), made);
        let copy = NewProfile {
            kind: Kind::Application,
            name: Handle::new("ada").unwrap(),
            display_name: PlainText::default(),
            summary: RichText::default(),
            zone: None,
            language: None,
        };
        let refused = policy::create(&Caller::System, copy);
        assert!(matches!(refused, Err(Error::Forbidden(Reason::NotOrganizer))));
    }
}
