/** Registered queries: a page sends the hash of a document and its values, and gets the data or an error page. */

import { error } from '@sveltejs/kit';
import type { TypedDocumentString } from './generated/graphql.ts';

interface ApiError {
  message: string;
  code?: string;
  status_code?: number;
}

interface Answer<Data> {
  data?: Data | null;
  errors?: ApiError[];
}

/** What an error page can explain; all else is 500. */
const EXPLAINED = [400, 404, 410, 429, 503];

/**
 * Runs one query. The answer is complete, or the page becomes an error page.
 *
 * @throws the error of Kit with the status of the first GraphQL error, or of the HTTP answer
 */
export async function query<Data, Variables>(
  fetch: typeof globalThis.fetch,
  operation: TypedDocumentString<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const search = new URLSearchParams({ id: String(operation), variables: JSON.stringify(variables) });
  const response = await fetch(`/api?${search}`);
  if (!response.ok) error(explained(response.status), 'api');
  const { data, errors } = (await response.json()) as Answer<Data>;
  const [first] = errors ?? [];
  if (first) {
    const status = explained(first.status_code ?? 500);
    if (status === 500) console.error(`the API answered ${first.code ?? 'an error'}: ${first.message}`);
    error(status, first.code ?? 'api');
  }
  if (!data) error(500, 'api');
  return data;
}

const explained = (status: number): number => (EXPLAINED.includes(status) ? status : 500);

/** What is there, or the page "not found". */
export function found<T>(value: T | null | undefined): T {
  return value ?? error(404, 'not_found');
}
