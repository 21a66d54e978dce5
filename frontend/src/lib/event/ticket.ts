import type { HomeQuery } from '#lib/graphql/generated/graphql.ts';

/** What a list reads of an event: the fragment of the same name. */
export type TicketEvent = NonNullable<NonNullable<HomeQuery['searchEvents']>['elements'][number]>;
