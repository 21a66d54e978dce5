/**
 * Lists of names and values where a name may come twice: URLSearchParams and FormData.
 * Only what travels as `application/x-www-form-urlencoded` passes; files do not.
 */

type Pair = [name: string, value: string];

function decodeField(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    // A stray percent sign: decode the escapes that are whole and leave the others as they are.
    return spaced.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => decodeEscapes(escapes));
  }
}

function decodeEscapes(escapes: string): string {
  const bytes = escapes
    .slice(1)
    .split('%')
    .map((digits) => Number.parseInt(digits, 16));
  return new TextDecoder().decode(new Uint8Array(bytes));
}

const encodeField = (text: string) =>
  encodeURIComponent(text.toWellFormed())
    .replaceAll('%20', '+')
    .replace(/[!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

abstract class Pairs {
  protected list: Pair[] = [];

  /** Called after each change. */
  protected changed(): void {}

  append(name: string, value: string): void {
    this.list.push([String(name), String(value)]);
    this.changed();
  }

  delete(name: string): void {
    this.list = this.list.filter((pair) => pair[0] !== name);
    this.changed();
  }

  get(name: string): string | null {
    return this.list.find((pair) => pair[0] === name)?.[1] ?? null;
  }

  getAll(name: string): string[] {
    return this.list.filter((pair) => pair[0] === name).map((pair) => pair[1]);
  }

  has(name: string): boolean {
    return this.list.some((pair) => pair[0] === name);
  }

  /** The first pair of that name takes the value, the others go. */
  set(name: string, value: string): void {
    const first = this.list.find((pair) => pair[0] === name);
    if (!first) return this.append(name, value);
    first[1] = String(value);
    this.list = this.list.filter((pair) => pair === first || pair[0] !== name);
    this.changed();
  }

  forEach(callback: (value: string, name: string, self: this) => void, self?: unknown): void {
    for (const [name, value] of this.list) callback.call(self, value, name, this);
  }

  *keys(): Generator<string> {
    for (const pair of this.list) yield pair[0];
  }

  *values(): Generator<string> {
    for (const pair of this.list) yield pair[1];
  }

  *entries(): Generator<Pair> {
    for (const [name, value] of this.list) yield [name, value];
  }

  [Symbol.iterator](): Generator<Pair> {
    return this.entries();
  }
}

type Init = string | Record<string, string> | Iterable<[string, string]>;

export class URLSearchParams extends Pairs {
  readonly #onChange: ((query: string) => void) | undefined;

  /** `onChange` is ours: a URL learns by it that its query is another. */
  constructor(init: Init = '', onChange?: (query: string) => void) {
    super();
    if (typeof init === 'string') {
      this.list = parseQuery(init);
    } else {
      const pairs = Symbol.iterator in init ? [...init] : Object.entries(init);
      this.list = pairs.map(([name, value]) => [String(name), String(value)]);
    }
    this.#onChange = onChange;
  }

  get size(): number {
    return this.list.length;
  }

  sort(): void {
    this.list.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    this.changed();
  }

  override toString(): string {
    return this.list.map(([name, value]) => `${encodeField(name)}=${encodeField(value)}`).join('&');
  }

  protected override changed(): void {
    this.#onChange?.(this.toString());
  }
}

function parseQuery(query: string): Pair[] {
  const parts = query.replace(/^\?/, '').split('&');
  return parts.filter(Boolean).map((part) => {
    const sign = part.indexOf('=');
    if (sign < 0) return [decodeField(part), ''];
    return [decodeField(part.slice(0, sign)), decodeField(part.slice(sign + 1))];
  });
}

export class FormData extends Pairs {}
