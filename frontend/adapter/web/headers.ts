/** Headers: names without case, in order of name, `set-cookie` never joined. */

type Init = Headers | Record<string, string> | Iterable<[string, string]>;

const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
// A line break in a value would begin a header of somebody else's choice.
const FORBIDDEN = /[\0\r\n]|[^\0-\xff]/;

function nameOf(name: unknown): string {
  const lower = String(name).toLowerCase();
  if (!NAME.test(lower)) throw new TypeError(`not the name of a header: ${lower}`);
  return lower;
}

function valueOf(value: unknown): string {
  const text = String(value).replace(/^[\t\r\n ]+|[\t\r\n ]+$/g, '');
  if (FORBIDDEN.test(text)) throw new TypeError('not the value of a header');
  return text;
}

export class Headers {
  readonly #map = new Map<string, string[]>();

  constructor(init?: Init) {
    if (!init) return;
    const pairs = Symbol.iterator in init ? [...init] : Object.entries(init);
    for (const [name, value] of pairs) this.append(name, value);
  }

  append(name: string, value: string): void {
    const key = nameOf(name);
    const values = this.#map.get(key);
    if (values) values.push(valueOf(value));
    else this.#map.set(key, [valueOf(value)]);
  }

  set(name: string, value: string): void {
    this.#map.set(nameOf(name), [valueOf(value)]);
  }

  get(name: string): string | null {
    return this.#map.get(nameOf(name))?.join(', ') ?? null;
  }

  has(name: string): boolean {
    return this.#map.has(nameOf(name));
  }

  delete(name: string): void {
    this.#map.delete(nameOf(name));
  }

  getSetCookie(): string[] {
    return [...(this.#map.get('set-cookie') ?? [])];
  }

  forEach(callback: (value: string, name: string, self: Headers) => void, self?: unknown): void {
    for (const [name, value] of this) callback.call(self, value, name, this);
  }

  *entries(): Generator<[string, string]> {
    for (const name of [...this.#map.keys()].sort()) {
      const values = this.#map.get(name) ?? [];
      if (name === 'set-cookie') for (const value of values) yield [name, value];
      else yield [name, values.join(', ')];
    }
  }

  *keys(): Generator<string> {
    for (const [name] of this.entries()) yield name;
  }

  *values(): Generator<string> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): Generator<[string, string]> {
    return this.entries();
  }
}
