/** An API over the sample events: it runs the registered documents against `schema.graphql`, as the server does. */

import { buildSchema, graphqlSync, parse, validate, type DocumentNode } from 'graphql';
import fs from 'node:fs';
import type { Answer, FetchRequest, PageReply } from '../host.ts';
import {
  EVENTS,
  NADIA,
  NOW,
  page,
  PENTES,
  PLACES,
  SERIES,
  UNLISTED_SERIES,
  type SampleEvent,
} from './events.ts';

const schema = buildSchema(fs.readFileSync('../schema.graphql', 'utf8'));

const CONFIG = {
  name: 'Kermesse des Pentes',
  description: 'Les rendez-vous de Lyon et d’alentour, tenus par l’association Les Pentes en fête.',
  longDescription:
    '<p>Nous sommes une association de quartier. Ce site vit sur un petit serveur, payé par les cotisations.</p>',
  slogan: null,
  contact: 'bonjour@pentes.example',
  languages: ['fr', 'en', 'nl'],
  rules: '<p>Soyez gentils. Pas de publicité déguisée.</p>',
  version: '0.1.0',
  zone: 'Europe/Paris',
  now: NOW.local,
  publicUrl: 'http://127.0.0.1:8080',
  attributions: [
    {
      name: 'GeoNames',
      text: 'Names of places in the world',
      licence: 'CC BY 4.0',
      url: 'https://www.geonames.org/',
    },
    { name: 'Etalab', text: 'Communes de France', licence: 'Licence Ouverte 2.0', url: null },
  ],
};

const LYON = { name: 'Lyon', region: 'Rhône', country: 'FR', postalCode: '69001', geom: '4.83;45.76' };

interface SearchArgs {
  term?: string | null;
  categoryOneOf?: string[] | null;
  type?: string | null;
  near?: string | null;
  fromDay?: string | null;
  toDay?: string | null;
  page?: number | null;
  limit?: number | null;
  collapseSeries?: boolean | null;
  past?: boolean | null;
}

function searchEvents(args: SearchArgs) {
  const term = args.term?.toLowerCase() ?? '';
  const seen = new Set<string>();
  const past = Boolean(args.past ?? (args.toDay && args.toDay < NOW.local));
  const found = EVENTS.filter((event) => {
    if (term && !event.title.toLowerCase().includes(term)) return false;
    if (args.categoryOneOf?.length && !args.categoryOneOf.includes(event.category ?? '')) return false;
    if (args.type === 'ONLINE' && !event.options.isOnline) return false;
    if (args.fromDay && (event.endsOnLocal ?? event.beginsOnLocal) < args.fromDay) return false;
    if (args.toDay && event.beginsOnLocal.slice(0, 10) > args.toDay) return false;
    if (!args.collapseSeries || !event.series) return true;
    return !seen.has(event.series.uuid) && Boolean(seen.add(event.series.uuid));
  });
  const near =
    args.near?.toLowerCase() === 'lyon' ? { ...LYON, others: [{ ...LYON, region: 'Bretagne' }] } : null;
  const list = page(found, { page: args.page, limit: args.limit, past });
  const elements = args.collapseSeries
    ? list.elements
    : list.elements.map((event) => ({ ...(event as SampleEvent), moreDates: null }));
  return { ...list, elements, near, didYouMean: term === 'bruxeles' ? 'bruxelles' : null };
}

const failure = (code: string, status_code: number) =>
  Object.assign(new Error(code), { extensions: { code, status_code } });

const root = {
  config: () => CONFIG,
  statistics: () => ({ numberOfEvents: 1287, numberOfLocalEvents: 1200 }),
  categoryStatistics: () => {
    const numbers = new Map<string, number>();
    for (const { category } of EVENTS) if (category) numbers.set(category, (numbers.get(category) ?? 0) + 1);
    return [...numbers].map(([key, number]) => ({ key, number }));
  },
  event: ({ uuid }: { uuid: string }) => {
    if (uuid.endsWith('410')) throw failure('event_gone', 410);
    if (uuid.endsWith('500')) throw failure('internal_error', 500);
    return EVENTS.find((event) => event.uuid === uuid) ?? null;
  },
  series: ({ uuid }: { uuid: string }) =>
    [SERIES, UNLISTED_SERIES].find((series) => series.uuid === uuid) ?? null,
  profile: ({ preferredUsername }: { preferredUsername: string }) =>
    [PENTES, NADIA].find((profile) => profile.preferredUsername === preferredUsername.replace('@', '')) ??
    null,
  tag: ({ slug }: { slug: string }) =>
    ['repas-partage', 'lyon'].includes(slug)
      ? {
          slug,
          title: 'repas partagé',
          related: [{ slug: 'lyon', title: 'Lyon' }],
          events: (args: object) => page(EVENTS, args),
        }
      : null,
  place: ({ id }: { id: string }) => PLACES.find((place) => place.uuid === id) ?? null,
  searchEvents,
};

type Operations = Record<string, string>;

/** Every registered document is right by the schema, or this throws. */
function parsed(operations: Operations): Map<string, DocumentNode> {
  return new Map(
    Object.entries(operations).map(([id, text]) => {
      const document = parse(text);
      const [error] = validate(schema, document);
      if (error) throw error;
      return [id, document];
    }),
  );
}

/** Answers the pages' queries; `seen` is told each one. */
export function sampleApi(operations: Operations, seen: (request: FetchRequest) => void = () => {}): Answer {
  const documents = parsed(operations);
  return (request) => {
    seen(request);
    const { searchParams } = new URL(request.url);
    const document = documents.get(searchParams.get('id') ?? '');
    if (!document) return json(404, { errors: [{ message: 'not registered' }] });
    const variableValues = JSON.parse(searchParams.get('variables') ?? '{}') as Record<string, unknown>;
    const { data, errors } = run(document, variableValues);
    return json(200, {
      data,
      errors: errors?.map(({ message, extensions }) => ({ message, ...extensions })),
    });
  };
}

function run(document: DocumentNode, variableValues: Record<string, unknown>) {
  const source = document.loc?.source ?? '';
  return graphqlSync({ schema, source, rootValue: root, variableValues });
}

const json = (status: number, data: object): PageReply => ({
  status,
  headers: [['content-type', 'application/json']],
  body: JSON.stringify(data),
});
