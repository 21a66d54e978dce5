//! The tables, one text for both databases. The twin migrations are compared with it by a test.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    use diesel::sql_types::{Bool, Nullable, Text, Timestamp};
    use crate::db::column::DbUuid;
    profile (id) {
        id -> DbUuid,
        kind -> Text,
        name -> Text,
        domain -> Text,
        display_name -> Text,
        summary -> Text,
        avatar_id -> Nullable<DbUuid>,
        banner_id -> Nullable<DbUuid>,
        zone -> Nullable<Text>,
        language -> Nullable<Text>,
        discoverable -> Bool,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    use diesel::sql_types::{Binary, Text, Timestamp};
    use crate::db::column::DbUuid;
    profile_key (profile_id) {
        profile_id -> DbUuid,
        public_pem -> Text,
        sealed_private -> Binary,
        created_at -> Timestamp,
    }
}

table! {
    use diesel::sql_types::{Bool, Double, Integer, Nullable, Text, Timestamp};
    use crate::db::column::DbUuid;
    place (id) {
        id -> DbUuid,
        name -> Text,
        street -> Text,
        postal_code -> Text,
        locality -> Text,
        region -> Text,
        country -> Text,
        latitude -> Nullable<Double>,
        longitude -> Nullable<Double>,
        cell -> Nullable<Integer>,
        in_town -> Bool,
        zone -> Nullable<Text>,
        url -> Nullable<Text>,
        match_key -> Text,
        created_at -> Timestamp,
    }
}

table! {
    use diesel::sql_types::{BigInt, Double, Integer, Nullable, Text, Timestamp};
    use crate::db::column::DbUuid;
    media (id) {
        id -> DbUuid,
        profile_id -> Nullable<DbUuid>,
        status -> Text,
        source_url -> Nullable<Text>,
        alt -> Text,
        content_type -> Nullable<Text>,
        byte_size -> BigInt,
        width -> Nullable<Integer>,
        height -> Nullable<Integer>,
        blurhash -> Nullable<Text>,
        focal_x -> Double,
        focal_y -> Double,
        files -> Text,
        created_at -> Timestamp,
    }
}

table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamp};
    use crate::db::column::DbUuid;
    series (id) {
        id -> DbUuid,
        organizer_id -> DbUuid,
        group_id -> Nullable<DbUuid>,
        zone -> Text,
        start_local -> Text,
        all_day -> Bool,
        duration_s -> Nullable<BigInt>,
        rule -> Text,
        template -> Text,
        picture_id -> Nullable<DbUuid>,
        horizon_local -> Text,
        continues_series_id -> Nullable<DbUuid>,
        ical_uid -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    use diesel::sql_types::Text;
    use crate::db::column::DbUuid;
    series_date (series_id, recurrence_key) {
        series_id -> DbUuid,
        recurrence_key -> Text,
        kind -> Text,
    }
}

table! {
    use diesel::sql_types::{Bool, Integer, Nullable, Text, Timestamp};
    use crate::db::column::DbUuid;
    event (id) {
        id -> DbUuid,
        series_id -> Nullable<DbUuid>,
        recurrence_key -> Nullable<Text>,
        detached -> Text,
        organizer_id -> DbUuid,
        group_id -> Nullable<DbUuid>,
        title -> Text,
        local_begin -> Text,
        local_end -> Nullable<Text>,
        zone -> Text,
        all_day -> Bool,
        begins_at -> Timestamp,
        over_at -> Timestamp,
        state -> Text,
        status -> Text,
        visibility -> Text,
        listing -> Text,
        category -> Text,
        language -> Nullable<Text>,
        attendance -> Text,
        online_address -> Nullable<Text>,
        place_id -> Nullable<DbUuid>,
        cell -> Nullable<Integer>,
        picture_id -> Nullable<DbUuid>,
        details -> Text,
        sequence -> Integer,
        ical_uid -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    use diesel::sql_types::Text;
    use crate::db::column::DbUuid;
    event_text (event_id) {
        event_id -> DbUuid,
        description -> Text,
    }
}

table! {
    use diesel::sql_types::Text;
    use crate::db::column::DbUuid;
    tag (id) {
        id -> DbUuid,
        slug -> Text,
        title -> Text,
    }
}

table! {
    use diesel::sql_types::Integer;
    use crate::db::column::DbUuid;
    event_tag (event_id, tag_id) {
        event_id -> DbUuid,
        tag_id -> DbUuid,
        position -> Integer,
    }
}

table! {
    use diesel::sql_types::{Bool, Integer, Nullable, Text, Timestamp};
    use crate::db::column::DbUuid;
    calendar_source (id) {
        id -> DbUuid,
        profile_id -> DbUuid,
        url -> Text,
        name -> Text,
        zone -> Text,
        etag -> Nullable<Text>,
        last_modified -> Nullable<Text>,
        read_at -> Nullable<Timestamp>,
        failures -> Integer,
        failure -> Nullable<Text>,
        subscribed -> Bool,
        created_at -> Timestamp,
    }
}

table! {
    use diesel::sql_types::{Nullable, Text, Timestamp};
    use crate::db::column::DbUuid;
    import_item (calendar_source_id, uid, recurrence_key) {
        calendar_source_id -> DbUuid,
        uid -> Text,
        recurrence_key -> Text,
        event_id -> Nullable<DbUuid>,
        series_id -> Nullable<DbUuid>,
        digest -> Text,
        gone_at -> Nullable<Timestamp>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::db::column::DbUuid;
    event_search (id) {
        id -> BigInt,
        event_id -> DbUuid,
        title_words -> Text,
        other_words -> Text,
    }
}

table! {
    use diesel::sql_types::{Integer, Text};
    search_word (word) {
        word -> Text,
        uses -> Integer,
    }
}

table! {
    use diesel::sql_types::{Nullable, Text, Timestamp};
    use crate::db::column::DbUuid;
    change (id) {
        id -> DbUuid,
        kind -> Text,
        subject -> DbUuid,
        profile_id -> Nullable<DbUuid>,
        at -> Timestamp,
    }
}

table! {
    use diesel::sql_types::{Integer, Nullable, Text, Timestamp};
    use crate::db::column::DbUuid;
    job (id) {
        id -> DbUuid,
        kind -> Text,
        payload -> Text,
        dedupe_key -> Nullable<Text>,
        due_at -> Timestamp,
        lease -> Nullable<DbUuid>,
        tries -> Integer,
        failed_at -> Nullable<Timestamp>,
        error -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

table! {
    use diesel::sql_types::{Text, Timestamp};
    setting (name) {
        name -> Text,
        value -> Text,
        updated_at -> Timestamp,
    }
}

joinable!(event -> place (place_id));
joinable!(event_text -> event (event_id));
joinable!(event_tag -> event (event_id));
joinable!(event_tag -> tag (tag_id));
joinable!(event_search -> event (event_id));
joinable!(import_item -> calendar_source (calendar_source_id));

allow_tables_to_appear_in_same_query!(
    profile,
    profile_key,
    place,
    media,
    series,
    series_date,
    event,
    event_text,
    tag,
    event_tag,
    calendar_source,
    import_item,
    event_search,
    search_word,
    change,
    job,
    setting,
);
