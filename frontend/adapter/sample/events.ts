/** Invented events around Friday 11 June 2027 in Lyon, one for each state that a page can show. */

import type { EventCategory, EventStatus } from '../../src/lib/graphql/generated/graphql.ts';
import { addDays, dayOf } from '../../src/lib/time/wall.ts';

export const NOW = { instant: '2027-06-11T09:00:00Z', local: '2027-06-11T11:00:00' };
export const TODAY = dayOf(NOW.local);

/** The sample lives in summer time of Paris. */
const instant = (local: string, hours = 2) =>
  new Date(Date.parse(`${local}Z`) - hours * 3_600_000).toISOString();

export const uuid = (number: number) => `0190a000-0000-7000-8000-${String(number).padStart(12, '0')}`;

const picture = (name: string, alt: string) => ({
  __typename: 'Media',
  url: `/media/${name}-1200.webp`,
  alt,
  width: 1200,
  height: 630,
  sizes: [
    { url: `/media/${name}-400.webp`, width: 400, height: 210 },
    { url: `/media/${name}-1200.webp`, width: 1200, height: 630 },
  ],
});

export const PLACES = [
  place(1, 'Place du Marché', 'Place du Marché', '69001', 'Lyon', '4.8320;45.7690'),
  place(2, 'L’Établi', '12 rue des Ateliers', '69100', 'Villeurbanne', '4.8800;45.7710'),
  place(3, 'Parc de la Tête d’Or', null, '69006', 'Lyon', '4.8550;45.7770'),
  place(4, 'Librairie La Virevolte', '4 rue Octavio Mey', '69005', 'Lyon', '4.8270;45.7640'),
  place(
    5,
    'Un lieu au nom si long qu’il faut bien qu’il passe à la ligne quelque part',
    null,
    null,
    'Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch',
    null,
  ),
];

function place(
  id: number,
  description: string,
  street: string | null,
  postalCode: string | null,
  locality: string,
  geom: string | null,
) {
  const address = {
    description,
    street,
    postalCode,
    locality,
    geom,
    region: null,
    country: 'FR',
    timezone: 'Europe/Paris',
  };
  return {
    __typename: 'Address',
    id: uuid(900 + id),
    uuid: uuid(900 + id),
    ...address,
    events: (args: ListArgs): Page =>
      page(
        EVENTS.filter((event) => event.physicalAddress?.uuid === uuid(900 + id)),
        args,
      ),
  };
}

export const PENTES = profile(
  'Group',
  'pentes',
  'Les Pentes en fête',
  '<p>Association des habitants et des commerçants des Pentes. Fêtes, coups de main et vie de quartier depuis 1998.</p>',
);
export const NADIA = profile('Person', 'nadia', 'Nadia', null);

function profile(kind: 'Group' | 'Person', name: string, shown: string, summary: string | null) {
  return {
    __typename: kind,
    id: uuid(800 + name.length),
    type: kind.toUpperCase(),
    name: shown,
    preferredUsername: name,
    domain: null,
    local: true,
    url: `http://127.0.0.1/@${name}`,
    summary,
    avatar: null,
    banner: null,
    organizedEvents: (args: ListArgs): Page =>
      page(
        EVENTS.filter((event) => event.attributedTo.name === shown),
        args,
      ),
  };
}

export const SERIES = {
  __typename: 'Series',
  id: uuid(700),
  uuid: uuid(700),
  title: 'Atelier vélo : on répare ensemble',
  description: '<p>Un mardi sur deux, on sort les outils. Venez avec votre vélo, repartez en roulant.</p>',
  allDay: false,
  beginsOnLocal: '2027-06-15T18:00:00',
  endsOnLocal: '2027-06-15T21:00:00',
  zone: 'Europe/Paris',
  rule: {
    text: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU',
    frequency: 'WEEKLY',
    interval: 2,
    weekdays: [{ day: 'TU', position: null }],
    monthDays: [],
    months: [],
    until: '2027-12-21',
    count: null,
  },
  category: 'CRAFTS',
  picture: null,
  tags: [],
  language: 'fr',
  physicalAddress: PLACES[1],
  onlineAddress: null,
  noindex: false,
  attributedTo: PENTES,
  organizerActor: PENTES,
  events: (args: ListArgs): Page =>
    page(
      EVENTS.filter((event) => event.series),
      args,
    ),
};

/** A series for those who know its address. */
export const UNLISTED_SERIES = { ...SERIES, id: uuid(701), uuid: uuid(701), noindex: true };

interface Sample {
  title: string;
  begins: string;
  ends?: string;
  allDay?: boolean;
  category?: EventCategory;
  status?: EventStatus;
  where?: number | null;
  online?: string | null;
  series?: boolean;
  more?: Record<string, unknown>;
}

const DESCRIPTION = `<p>Comme chaque année, tout le quartier sort les tables sur la place. Apportez un plat à partager, une chaise si vous en avez une, vos voisins et votre bonne humeur.</p>
<ul><li><strong>12 h</strong> — on dresse la table, tout le monde aide ;</li><li><strong>15 h</strong> — fanfare, jeux en bois et tombola des commerçants ;</li><li><strong>19 h</strong> — soupe au pistou, puis bal jusqu’à 22 h.</li></ul>
<p>En cas de pluie, repli sous la halle. Plus d’informations sur <a href="https://pentes.example/tablee">pentes.example</a>.</p>`;

function event(number: number, sample: Sample) {
  const { begins, ends = null, allDay = false, where = 0, online = null } = sample;
  return {
    __typename: 'Event',
    id: uuid(number),
    uuid: uuid(number),
    url: `http://127.0.0.1/events/${uuid(number)}`,
    local: true,
    title: sample.title,
    description: DESCRIPTION,
    descriptionText: 'Comme chaque année, tout le quartier sort les tables sur la place.',
    beginsOn: instant(begins),
    endsOn: ends && instant(ends),
    beginsOnLocal: begins,
    endsOnLocal: ends,
    allDay,
    zone: 'Europe/Paris',
    status: sample.status ?? 'CONFIRMED',
    visibility: 'PUBLIC',
    externalParticipationUrl: null,
    picture: null as ReturnType<typeof picture> | null,
    physicalAddress: where === null ? null : (PLACES[where] ?? null),
    onlineAddress: online,
    phoneAddress: null,
    attributedTo: PENTES,
    organizerActor: NADIA,
    tags: [
      { __typename: 'Tag', slug: 'repas-partage', title: 'repas partagé' },
      { __typename: 'Tag', slug: 'lyon', title: 'Lyon' },
    ],
    category: sample.category ?? 'COMMUNITY',
    relatedEvents: () => EVENTS.slice(number + 1, number + 3),
    updatedAt: '2027-06-01T10:00:00Z',
    insertedAt: '2027-05-01T10:00:00Z',
    options: { showStartTime: true, showEndTime: true, timezone: 'Europe/Paris', isOnline: online !== null },
    language: 'fr',
    sequence: 0,
    icalUid: uuid(number),
    series: sample.series ? SERIES : null,
    moreDates: sample.series ? 12 : null,
    noindex: false,
    website: null as string | null,
    ...sample.more,
  };
}

export type SampleEvent = ReturnType<typeof event>;

const SAMPLES: Sample[] = [
  {
    title: 'La grande tablée du quartier',
    begins: '2027-06-12T12:00:00',
    ends: '2027-06-12T22:00:00',
    category: 'FOOD_DRINK',
    more: { website: 'https://pentes.example/tablee', phoneAddress: '+33 4 78 00 00 00' },
  },
  {
    title: 'Atelier vélo : on répare ensemble',
    begins: '2027-06-15T18:00:00',
    ends: '2027-06-15T21:00:00',
    category: 'CRAFTS',
    where: 1,
    series: true,
  },
  {
    title: 'Bal musette au kiosque',
    begins: '2027-06-12T20:30:00',
    category: 'MUSIC',
    where: 2,
    more: { picture: picture('bandstand', 'Des couples dansent devant un kiosque à musique, le soir') },
  },
  {
    title: 'Marché des producteurs',
    begins: '2027-06-13T08:00:00',
    ends: '2027-06-13T13:00:00',
    category: 'BUSINESS',
    status: 'TENTATIVE',
    more: { sequence: 2 },
  },
  {
    title: 'Lectures au coin du chat',
    begins: '2027-06-13T16:00:00',
    category: 'BOOK_CLUBS',
    where: 3,
    status: 'CANCELLED',
  },
  {
    title: 'Exposition « Nos façades »',
    begins: '2027-05-20T00:00:00',
    ends: '2027-06-28T00:00:00',
    allDay: true,
    category: 'ARTS',
    where: 3,
  },
  {
    title: 'Réunion ouverte : quelle place pour la place ?',
    begins: '2027-06-11T18:30:00',
    ends: '2027-06-11T20:00:00',
    category: 'MEETING',
    online: 'https://visio.example/la-place',
  },
  {
    title: 'Apprendre à faire son pain, en visio',
    begins: '2027-06-14T19:00:00',
    ends: '2027-06-14T20:30:00',
    category: 'LEARNING',
    where: null,
    online: 'https://visio.example/pain',
  },
  {
    title: 'Festival des Pentes',
    begins: '2027-06-18T00:00:00',
    ends: '2027-06-21T00:00:00',
    allDay: true,
    category: 'PARTY',
  },
  {
    title: 'Nuit du film d’animation',
    begins: '2027-06-19T22:00:00',
    ends: '2027-06-20T04:00:00',
    category: 'FILM_MEDIA',
    where: 2,
  },
  {
    title: 'Fête de la musique',
    begins: '2027-06-21T00:00:00',
    ends: '2027-06-22T00:00:00',
    allDay: true,
    category: 'MUSIC',
  },
  { title: 'Marche pour l’eau', begins: '2027-06-26T14:00:00', category: 'MOVEMENTS_POLITICS' },
  {
    title: 'Stage de chant',
    begins: '2027-06-26T10:00:00',
    ends: '2027-06-27T17:00:00',
    category: 'LEARNING',
  },
  {
    title:
      'Chantier au jardin partagé des Chartreux, avec un titre qui n’en finit pas parce que personne n’a su le couper',
    begins: '2027-06-16T18:00:00',
    category: 'OUTDOORS_ADVENTURE',
    where: 4,
  },
  {
    title: 'Vide-grenier de printemps',
    begins: '2027-05-15T08:00:00',
    ends: '2027-05-15T18:00:00',
    category: 'BUSINESS',
  },
  {
    title: 'Rencontre avec l’équipe de Québec',
    begins: '2027-06-17T21:00:00',
    ends: '2027-06-17T22:00:00',
    category: 'MEETING',
    where: null,
    online: 'https://visio.example/quebec',
    more: {
      zone: 'America/Toronto',
      beginsOnLocal: '2027-06-17T15:00:00',
      endsOnLocal: '2027-06-17T16:00:00',
    },
  },
  {
    title: 'حفلة في الحديقة',
    begins: '2027-06-27T17:00:00',
    category: 'PARTY',
    more: { language: 'ar', description: '<p>موسيقى وطعام في الحديقة، الجميع مدعوون.</p>', noindex: true },
  },
];

const REPEATED = Array.from({ length: 13 }, (_, i): Sample => {
  const day = addDays('2027-06-15', 14 * (i + 1));
  return {
    title: SERIES.title,
    begins: `${day}T18:00:00`,
    ends: `${day}T21:00:00`,
    category: 'CRAFTS',
    where: 1,
    series: true,
    status: i === 1 ? 'CANCELLED' : 'CONFIRMED',
  };
});

/** Enough of them that lists have pages. */
const MANY = Array.from({ length: 60 }, (_, i): Sample => {
  const day = addDays('2027-07-01', i);
  return { title: `Soupe du soir n° ${i + 1}`, begins: `${day}T19:00:00`, category: 'FOOD_DRINK' };
});

export const EVENTS: SampleEvent[] = [...SAMPLES, ...REPEATED, ...MANY].map((sample, i) => event(i, sample));

/** `unknown`: an event has a place, a place has a page of events. */
interface Page {
  total: number;
  elements: unknown[];
}

interface ListArgs {
  past?: boolean | null;
  page?: number | null;
  limit?: number | null;
}

/** A page of the coming events of a list, or of its past ones, as the API gives them. */
export function page(list: SampleEvent[], { past = false, page: number = 1, limit = 10 }: ListArgs): Page {
  const lastOf = (event: SampleEvent) => event.endsOn ?? event.beginsOn;
  const chosen = list
    .filter((event) => lastOf(event) < NOW.instant === Boolean(past))
    .sort((a, b) => (past ? -1 : 1) * a.beginsOn.localeCompare(b.beginsOn));
  const from = ((number ?? 1) - 1) * (limit ?? 10);
  return { total: chosen.length, elements: chosen.slice(from, from + (limit ?? 10)) };
}
