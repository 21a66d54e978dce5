/** Lists by pages, in links: `?page=2`. */

/** Well below the 50 entries that a page may show. */
export const PAGE_SIZE = 30;

/** The API counts no further for visitors. */
export const MOST_COUNTED = 1000;

/** The page that an address asks for, from 1; nonsense is the first. */
export function pageNumber(text: string | null): number {
  const number = Number(text ?? 1);
  return Number.isInteger(number) && number >= 1 && number <= MOST_COUNTED ? number : 1;
}

export const pageCount = (total: number): number => Math.max(1, Math.ceil(total / PAGE_SIZE));

/** An address with other parameters; those without a value go, and so does the page, which counts another list. */
export function withQuery(
  path: string,
  search: Iterable<[string, string]>,
  changes: Record<string, string | null>,
): string {
  const query = new URLSearchParams();
  for (const [name, value] of search) {
    if (value && !(name in changes) && name !== 'page') query.append(name, value);
  }
  for (const [name, value] of Object.entries(changes)) if (value) query.append(name, value);
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

/** Which part of a list an address asks for, as the API's variables. */
export function listChoice(search: URLSearchParams): { past: boolean; page: number; limit: number } {
  return { past: search.get('past') === '1', page: pageNumber(search.get('page')), limit: PAGE_SIZE };
}
