import { found, query } from '#lib/graphql/client.ts';
import { HomeDocument } from '#lib/graphql/generated/graphql.ts';
import { items } from '#lib/graphql/list.ts';
import { dayOf } from '#lib/time/index.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, parent }) => {
  const { clock } = await parent();
  const today = dayOf(clock.local);
  const { config, searchEvents, categoryStatistics } = await query(fetch, HomeDocument, { from: today });
  return {
    site: found(config),
    today,
    total: searchEvents?.total ?? 0,
    events: items(searchEvents?.elements),
    categories: items(categoryStatistics),
  };
};
