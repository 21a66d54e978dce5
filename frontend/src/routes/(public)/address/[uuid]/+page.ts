import { error } from '@sveltejs/kit';
import { found, query } from '#lib/graphql/client.ts';
import { PlacePageDocument } from '#lib/graphql/generated/graphql.ts';
import { items } from '#lib/graphql/list.ts';
import { isUuid } from '#lib/site/uuid.ts';
import { dayOf } from '#lib/time/index.ts';
import { listChoice } from '#lib/ui/pages.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, params, url, parent }) => {
  const { clock } = await parent();
  if (!isUuid(params.uuid)) error(404, 'not_found');
  const choice = listChoice(url.searchParams);
  const { config, place } = await query(fetch, PlacePageDocument, { id: params.uuid, ...choice });
  const { events, ...rest } = found(place);
  return {
    site: found(config),
    today: dayOf(clock.local),
    choice,
    id: params.uuid,
    place: rest,
    events: items(events?.elements),
    total: events?.total ?? 0,
  };
};
