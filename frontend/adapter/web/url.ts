/** URL, parsed by the host: only the pieces are put together here. */

import { natives } from './natives.ts';
import { URLSearchParams } from './pairs.ts';

interface Parts {
  protocol: string;
  username: string;
  password: string;
  host: string;
  hostname: string;
  port: string;
  pathname: string;
  search: string;
  hash: string;
  origin: string;
  /** Whether `//` follows the scheme: Kit has addresses of its own where none does. */
  slashes: boolean;
}

/** The web takes anything that can be written as text: an address, or a URL. */
type Input = string | { toString(): string };

function parse(href: Input, base?: Input): Parts | undefined {
  const parts = natives.__url(String(href), base === undefined ? '' : String(base));
  return parts ? (JSON.parse(parts) as Parts) : undefined;
}

export class URL {
  #parts: Parts;
  #query: URLSearchParams | undefined;

  constructor(href: Input, base?: Input) {
    const parts = parse(href, base);
    if (!parts) throw new TypeError('Invalid URL');
    this.#parts = parts;
  }

  static canParse(href: Input, base?: Input): boolean {
    return parse(href, base) !== undefined;
  }

  static parse(href: Input, base?: Input): URL | null {
    return URL.canParse(href, base) ? new URL(href, base) : null;
  }

  get href(): string {
    const { protocol, slashes, username, password, host, pathname, search, hash } = this.#parts;
    const secret = password && `:${password}`;
    const user = username || secret ? `${username}${secret}@` : '';
    return `${protocol}${slashes ? '//' : ''}${user}${host}${pathname}${search}${hash}`;
  }

  get origin(): string {
    return this.#parts.origin;
  }
  get protocol(): string {
    return this.#parts.protocol;
  }
  get username(): string {
    return this.#parts.username;
  }
  get password(): string {
    return this.#parts.password;
  }
  get host(): string {
    return this.#parts.host;
  }
  get hostname(): string {
    return this.#parts.hostname;
  }
  get port(): string {
    return this.#parts.port;
  }

  get pathname(): string {
    return this.#parts.pathname;
  }
  set pathname(path: string) {
    // The host escapes: `a b`, `?` and `#` may stand in a path only as `%20`, `%3F`, `%23`.
    const escaped = path.replaceAll('?', '%3F').replaceAll('#', '%23');
    const rooted = escaped.startsWith('/') ? escaped : `/${escaped}`;
    this.#parts.pathname = parse(rooted, 'http://host')?.pathname ?? this.#parts.pathname;
  }

  get search(): string {
    return this.#parts.search;
  }
  set search(text: string) {
    const query = text.replace(/^\?/, '').replaceAll('#', '%23');
    this.#parts.search = parse(`/?${query}`, 'http://host')?.search ?? '';
    this.#query = undefined;
  }

  get hash(): string {
    return this.#parts.hash;
  }
  set hash(text: string) {
    this.#parts.hash = parse(`/#${text.replace(/^#/, '')}`, 'http://host')?.hash ?? '';
  }

  get searchParams(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.#parts.search, (query) => {
      this.#parts.search = query && `?${query}`;
    });
    return this.#query;
  }

  toString(): string {
    return this.href;
  }
  toJSON(): string {
    return this.href;
  }
}
