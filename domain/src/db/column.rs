//! Types of columns that are the same on both databases: identifiers, instants, and texts with a meaning.
//!
//! Each macro says one thing three times, for SQLite, PostgreSQL and the connection that may be either.

use super::conn::MultiBackend;
use diesel::{
    query_builder::QueryId,
    sql_types::{HasSqlType, SqlOrd, SqlType},
};

/// An identifier: `uuid` on PostgreSQL, 16 bytes on SQLite.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Binary"))]
pub struct DbUuid;

impl HasSqlType<DbUuid> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        MultiBackend::lookup_sql_type::<DbUuid>(lookup)
    }
}

impl SqlOrd for DbUuid {}

/// Makes `struct Name(Uuid)` a [`DbUuid`] column.
///
/// `uuid_column!(EventId)` expands to `ToSql` and `FromSql` for `Pg`, `Sqlite` and `MultiBackend`.
macro_rules! uuid_column {
    ($name:ident) => {
        const _: () = {
            use crate::db::{column::DbUuid, conn::MultiBackend};
            use diesel::{
                backend::Backend,
                deserialize::{self, FromSql},
                pg::Pg,
                serialize::{self, IsNull, Output, ToSql},
                sqlite::Sqlite,
            };
            impl ToSql<DbUuid, Pg> for $name {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                    ToSql::<diesel::sql_types::Uuid, Pg>::to_sql(&self.0, out)
                }
            }
            impl ToSql<DbUuid, Sqlite> for $name {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                    out.set_value(self.0.as_bytes().as_slice());
                    Ok(IsNull::No)
                }
            }
            impl ToSql<DbUuid, MultiBackend> for $name {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                    out.set_value((DbUuid, self));
                    Ok(IsNull::No)
                }
            }
            impl FromSql<DbUuid, Pg> for $name {
                fn from_sql(raw: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                    FromSql::<diesel::sql_types::Uuid, Pg>::from_sql(raw).map(Self)
                }
            }
            impl FromSql<DbUuid, Sqlite> for $name {
                fn from_sql(mut raw: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                    Ok(Self(uuid::Uuid::from_slice(raw.read_blob())?))
                }
            }
            impl FromSql<DbUuid, MultiBackend> for $name {
                fn from_sql(raw: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                    raw.from_sql::<Self, DbUuid>()
                }
            }
        };
    };
}
pub(crate) use uuid_column;

/// Makes a type a `Text` column: it needs `fn as_column(&self) -> Cow<str>` and `fn from_column(&str) -> Option<Self>`.
///
/// `text_column!(Status)` expands to `ToSql` and `FromSql` of `Text` for all three backends.
macro_rules! text_column {
    ($name:ident) => {
        const _: () = {
            use crate::db::conn::MultiBackend;
            use diesel::{
                backend::Backend,
                deserialize::{self, FromSql},
                pg::Pg,
                serialize::{self, IsNull, Output, ToSql},
                sql_types::Text,
                sqlite::Sqlite,
            };
            fn read(text: &str) -> deserialize::Result<$name> {
                <$name>::from_column(text).ok_or_else(|| format!("{text:?} is no {}", stringify!($name)).into())
            }
            impl ToSql<Text, Pg> for $name {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                    std::io::Write::write_all(out, self.as_column().as_bytes())?;
                    Ok(IsNull::No)
                }
            }
            impl ToSql<Text, Sqlite> for $name {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                    out.set_value(self.as_column().into_owned());
                    Ok(IsNull::No)
                }
            }
            impl ToSql<Text, MultiBackend> for $name {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                    out.set_value((Text, self));
                    Ok(IsNull::No)
                }
            }
            impl FromSql<Text, Pg> for $name {
                fn from_sql(raw: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                    read(std::str::from_utf8(raw.as_bytes())?)
                }
            }
            impl FromSql<Text, Sqlite> for $name {
                fn from_sql(mut raw: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                    read(raw.read_text())
                }
            }
            impl FromSql<Text, MultiBackend> for $name {
                fn from_sql(raw: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                    raw.from_sql::<Self, Text>()
                }
            }
        };
    };
}
pub(crate) use text_column;

/// An enum whose values are lower-case texts in SQL.
///
/// `text_enum! { /// doc  pub enum Status { Confirmed = "confirmed" } }` expands to the enum with `as_str`, `parse`,
/// `ALL`, and a `Text` column.
macro_rules! text_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$inner:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum $name { $($(#[$inner])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The text in the database.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The value of a text, `None` where there is none.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }

            fn as_column(&self) -> std::borrow::Cow<'static, str> {
                self.as_str().into()
            }

            fn from_column(text: &str) -> Option<Self> {
                Self::parse(text)
            }
        }

        crate::db::column::text_column!($name);
    };
}
pub(crate) use text_enum;

/// A value kept as JSON text.
///
/// `json_column!(Details)` gives the serde type `as_column` and `from_column` and makes it a `Text` column.
macro_rules! json_column {
    ($name:ident) => {
        impl $name {
            fn as_column(&self) -> std::borrow::Cow<'static, str> {
                // A type that cannot be written as JSON would be a bug of ours; null is read back as an error.
                serde_json::to_string(self)
                    .unwrap_or_else(|_| "null".into())
                    .into()
            }

            fn from_column(text: &str) -> Option<Self> {
                serde_json::from_str(text).ok()
            }
        }

        crate::db::column::text_column!($name);
    };
}
pub(crate) use json_column;
