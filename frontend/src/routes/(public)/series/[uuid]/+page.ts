import { error } from '@sveltejs/kit';
import { found, query } from '#lib/graphql/client.ts';
import { SeriesPageDocument } from '#lib/graphql/generated/graphql.ts';
import { items } from '#lib/graphql/list.ts';
import { isUuid } from '#lib/site/uuid.ts';
import { dayOf } from '#lib/time/index.ts';
import { listChoice } from '#lib/ui/pages.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, params, url, parent }) => {
  const { clock } = await parent();
  if (!isUuid(params.uuid)) error(404, 'not_found');
  const choice = listChoice(url.searchParams);
  const { config, series } = await query(fetch, SeriesPageDocument, { uuid: params.uuid, ...choice });
  const { events, ...rest } = found(series);
  return {
    site: found(config),
    today: dayOf(clock.local),
    choice,
    series: rest,
    events: items(events?.elements),
    total: events?.total ?? 0,
  };
};
