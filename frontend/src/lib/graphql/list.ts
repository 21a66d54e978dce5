/** The items of a list of the API, where each may be null by its type. */
export const items = <T>(list: readonly (T | null)[] | null | undefined): T[] =>
  (list ?? []).filter((item): item is T => item !== null);
