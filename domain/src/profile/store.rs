//! SQL of profiles.

use super::{Kind, NewProfile, Profile, policy};
use crate::{
    access::Granted,
    db::{
        Tx,
        dialect::any_of,
        schema::{
            profile::{self, dsl},
            profile_key,
        },
    },
    error::Result,
    id::ProfileId,
    ports::KeyPair,
    text::Handle,
};
use diesel::prelude::*;

pub(super) fn insert(tx: &mut Tx<'_>, new: &Granted<NewProfile, policy::Create>, keys: &KeyPair) -> Result<Profile> {
    let now = tx.now();
    let row = Profile {
        id: ProfileId(tx.new_uuid()),
        kind: new.kind,
        name: new.name.clone(),
        domain: String::new(),
        display_name: new.display_name.clone(),
        summary: new.summary.clone(),
        avatar_id: None,
        banner_id: None,
        zone: new.zone.clone(),
        language: new.language.clone(),
        // People are found by others only where they choose it.
        discoverable: new.kind != Kind::Person,
        created_at: now,
        updated_at: now,
    };
    diesel::insert_into(profile::table).values(&row).execute(tx.conn)?;
    diesel::insert_into(profile_key::table)
        .values((
            profile_key::profile_id.eq(row.id),
            profile_key::public_pem.eq(&keys.public_pem),
            profile_key::sealed_private.eq(&keys.sealed_private),
            profile_key::created_at.eq(now),
        ))
        .execute(tx.conn)?;
    Ok(row)
}

pub(super) fn by_name(tx: &mut Tx<'_>, name: &Handle) -> Result<Option<Profile>> {
    let local = dsl::profile.filter(dsl::name.eq(name).and(dsl::domain.eq("")));
    Ok(local.select(Profile::as_select()).first(tx.conn).optional()?)
}

pub(super) fn by_ids(tx: &mut Tx<'_>, ids: &[ProfileId]) -> Result<Vec<Profile>> {
    Ok(dsl::profile
        .filter(any_of(dsl::id, ids))
        .select(Profile::as_select())
        .load(tx.conn)?)
}

pub(super) fn public_key(tx: &mut Tx<'_>, id: ProfileId) -> Result<Option<String>> {
    let key = profile_key::table.find(id).select(profile_key::public_pem);
    Ok(key.first(tx.conn).optional()?)
}

pub(super) fn count(tx: &mut Tx<'_>, kind: Kind) -> Result<i64> {
    Ok(dsl::profile
        .filter(dsl::kind.eq(kind).and(dsl::domain.eq("")))
        .count()
        .get_result(tx.conn)?)
}
