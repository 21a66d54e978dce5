import { error } from '@sveltejs/kit';
import { found, query } from '#lib/graphql/client.ts';
import { EventPageDocument } from '#lib/graphql/generated/graphql.ts';
import { items } from '#lib/graphql/list.ts';
import { isUuid } from '#lib/site/uuid.ts';
import type { PageLoad } from './$types';

/** A glance at what else is on, not a list. */
const MOST_RELATED = 4;

export const load: PageLoad = async ({ fetch, params, parent }) => {
  const { clock } = await parent();
  if (!isUuid(params.uuid)) error(404, 'not_found');
  const { config, event } = await query(fetch, EventPageDocument, { uuid: params.uuid });
  const { relatedEvents, ...rest } = found(event);
  return {
    site: found(config),
    clock,
    event: { ...rest, relatedEvents: [] },
    related: items(relatedEvents).slice(0, MOST_RELATED),
  };
};
