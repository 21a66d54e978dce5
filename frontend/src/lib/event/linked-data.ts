/** What search engines read of an event: https://schema.org/Event. */

import type { EventPageQuery } from '#lib/graphql/generated/graphql.ts';
import { placeName, pointOf } from '#lib/place/address.ts';
import { dayOf } from '#lib/time/wall.ts';
import { lastDay } from './when.ts';

type Event = NonNullable<EventPageQuery['event']>;

interface Context {
  /** The address of the page and of its picture, complete. */
  url: string;
  image: string;
}

const SCHEMA = 'https://schema.org/';

export function eventData(event: Event, { url, image }: Context): object {
  const online = event.options?.isOnline ?? false;
  const place = event.physicalAddress;
  const mode = online ? (place ? 'Mixed' : 'Online') : 'Offline';
  const organizer = event.attributedTo ?? event.organizerActor;
  return {
    '@context': SCHEMA,
    '@type': 'Event',
    name: event.title,
    url,
    image: [image],
    startDate: event.allDay ? dayOf(event.beginsOnLocal) : withOffset(event.beginsOnLocal, event.beginsOn),
    endDate: event.allDay ? lastDay(event) : event.endsOnLocal && withOffset(event.endsOnLocal, event.endsOn),
    eventStatus: `${SCHEMA}Event${event.status === 'CANCELLED' ? 'Cancelled' : 'Scheduled'}`,
    eventAttendanceMode: `${SCHEMA}${mode}EventAttendanceMode`,
    location: [
      place && placeData(place),
      online && event.onlineAddress && virtual(event.onlineAddress),
    ].filter(Boolean),
    description: event.descriptionText || undefined,
    inLanguage: event.language || undefined,
    organizer: organizer?.name ? { '@type': 'Organization', name: organizer.name } : undefined,
  };
}

/** "2026-12-05T18:00:00+01:00": the wall time and how far it is from UTC. */
export function withOffset(local: string, instant: string | null): string {
  if (!instant) return local;
  const minutes = Math.round((Date.parse(`${local}Z`) - Date.parse(instant)) / 60_000);
  const two = (number: number) => String(Math.trunc(number)).padStart(2, '0');
  const distance = Math.abs(minutes);
  return `${local}${minutes < 0 ? '-' : '+'}${two(distance / 60)}:${two(distance % 60)}`;
}

const virtual = (url: string) => ({ '@type': 'VirtualLocation', url });

function placeData(place: NonNullable<Event['physicalAddress']>): object {
  const point = pointOf(place.geom);
  return {
    '@type': 'Place',
    name: placeName(place),
    address: {
      '@type': 'PostalAddress',
      streetAddress: place.street || undefined,
      postalCode: place.postalCode || undefined,
      addressLocality: place.locality || undefined,
      addressRegion: place.region || undefined,
      addressCountry: place.country || undefined,
    },
    geo: point && { '@type': 'GeoCoordinates', ...point },
  };
}

/** As a block for `{@html}`: nothing in the data can end it. */
export const dataBlock = (data: object): string =>
  `<script type="application/ld+json">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>`;
