//! Numbers about the site.

use super::context::ContextExt;
use async_graphql::{Context, Object, SimpleObject};
use domain::{
    Result, event,
    profile::{self, Kind},
};

/// Questions about numbers.
#[derive(Default)]
pub(super) struct StatisticsQuery;

#[Object]
impl StatisticsQuery {
    /// Numbers about this site.
    async fn statistics(&self, ctx: &Context<'_>) -> Result<Option<Statistics>> {
        let (events, people, groups) = ctx
            .read(|tx, _| {
                let people = profile::count(tx, Kind::Person)?;
                Ok((event::count_listed(tx)?, people, profile::count(tx, Kind::Group)?))
            })
            .await?;
        Ok(Some(Statistics::of(events, people, groups)))
    }

    /// How many coming events there are about what, a series counting once, the most first.
    async fn category_statistics(&self, ctx: &Context<'_>) -> Result<Option<Vec<CategoryStatistics>>> {
        let categories = ctx.read(|tx, _| event::category_statistics(tx)).await?;
        let of = |(category, number): (event::Category, i64)| CategoryStatistics {
            key: category.as_str().to_ascii_uppercase(),
            number: number_of(number),
        };
        Ok(Some(categories.into_iter().map(of).collect()))
    }
}

fn number_of(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Numbers about this site.
#[derive(SimpleObject)]
#[expect(clippy::struct_field_names, reason = "Mobilizon's programs read them so")]
struct Statistics {
    /// People of this site.
    number_of_users: i32,
    /// Events in lists, past and coming; a series counts once.
    number_of_events: i32,
    /// Of these, the events of this site.
    number_of_local_events: i32,
    /// Comments; there are none yet.
    number_of_comments: i32,
    /// Of these, the comments of this site.
    number_of_local_comments: i32,
    /// Groups.
    number_of_groups: i32,
    /// Of these, the groups of this site.
    number_of_local_groups: i32,
    /// Sites that follow this one; there are none yet.
    number_of_instance_followers: i32,
    /// Sites that this one follows; there are none yet.
    number_of_instance_followings: i32,
}

impl Statistics {
    fn of(events: i64, people: i64, groups: i64) -> Self {
        Self {
            number_of_users: number_of(people),
            number_of_events: number_of(events),
            number_of_local_events: number_of(events),
            number_of_comments: 0,
            number_of_local_comments: 0,
            number_of_groups: number_of(groups),
            number_of_local_groups: number_of(groups),
            number_of_instance_followers: 0,
            number_of_instance_followings: 0,
        }
    }
}

/// How many coming events are about something.
#[derive(SimpleObject)]
struct CategoryStatistics {
    /// What: `MUSIC`.
    key: String,
    /// How many.
    number: i32,
}
