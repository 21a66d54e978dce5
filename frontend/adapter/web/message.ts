/** Request, Response and `fetch`. A body is a text, or bytes that were made from one: no streams. */

import { Headers } from './headers.ts';
import { natives } from './natives.ts';
import { FormData, URLSearchParams } from './pairs.ts';
import { TextDecoder, TextEncoder } from './text.ts';

type BodyInit = string | Uint8Array | ArrayBuffer | URLSearchParams | null | undefined;
type HeadersInit = ConstructorParameters<typeof Headers>[0];

abstract class Message {
  readonly headers: Headers;
  readonly body: string | Uint8Array | null;
  bodyUsed = false;

  constructor(body: BodyInit, headers: HeadersInit) {
    this.headers = new Headers(headers);
    if (body instanceof URLSearchParams) this.body = body.toString();
    else if (body instanceof ArrayBuffer) this.body = new Uint8Array(body);
    else this.body = body ?? null;
    const type = defaultType(body);
    if (type && !this.headers.has('content-type')) this.headers.set('content-type', type);
  }

  async text(): Promise<string> {
    if (this.bodyUsed) throw new TypeError('Body has already been read');
    this.bodyUsed = this.body !== null;
    if (this.body === null) return '';
    return typeof this.body === 'string' ? this.body : new TextDecoder().decode(this.body);
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return new TextEncoder().encode(await this.text()).buffer;
  }

  /** Only `application/x-www-form-urlencoded`: uploads go to the host, never through the engine. */
  async formData(): Promise<FormData> {
    const type = this.headers.get('content-type') ?? '';
    if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
      throw new TypeError(`not a form that pages read: ${type || 'no content type'}`);
    }
    const form = new FormData();
    for (const [name, value] of new URLSearchParams(await this.text())) form.append(name, value);
    return form;
  }
}

function defaultType(body: BodyInit): string | undefined {
  if (typeof body === 'string') return 'text/plain;charset=UTF-8';
  if (body instanceof URLSearchParams) return 'application/x-www-form-urlencoded;charset=UTF-8';
  return undefined;
}

interface ResponseInit {
  status?: number;
  statusText?: string;
  headers?: HeadersInit;
}

const NULL_BODY = [101, 103, 204, 205, 304];

export class Response extends Message {
  readonly status: number;
  readonly statusText: string;
  readonly type = 'default';
  readonly url = '';
  readonly redirected = false;

  constructor(body?: BodyInit, { status = 200, statusText = '', headers }: ResponseInit = {}) {
    super(body, headers);
    if (!(status >= 200 && status <= 599)) throw new RangeError(`not the status of a response: ${status}`);
    if (body != null && NULL_BODY.includes(status)) throw new TypeError(`${status} has no body`);
    this.status = status;
    this.statusText = statusText;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  clone(): Response {
    return new Response(this.body, this);
  }

  static json(data: unknown, init: ResponseInit = {}): Response {
    const headers = new Headers(init.headers);
    if (!headers.has('content-type')) headers.set('content-type', 'application/json');
    return new Response(JSON.stringify(data), { ...init, headers });
  }

  static redirect(location: string, status = 302): Response {
    return new Response(null, { status, headers: { location: String(location) } });
  }
}

interface RequestInit {
  method?: string;
  headers?: HeadersInit;
  body?: BodyInit;
  credentials?: string;
  mode?: string;
  redirect?: string;
  signal?: unknown;
}

export class Request extends Message {
  readonly url: string;
  readonly method: string;
  readonly credentials: string;
  readonly mode: string;
  readonly redirect: string;
  readonly signal: unknown;

  constructor(input: unknown, init: RequestInit = {}) {
    const from = input instanceof Request ? input : undefined;
    super(init.body ?? from?.body, init.headers ?? from?.headers);
    this.url = from?.url ?? String(input);
    this.method = (init.method ?? from?.method ?? 'GET').toUpperCase();
    this.credentials = init.credentials ?? from?.credentials ?? 'same-origin';
    this.mode = init.mode ?? from?.mode ?? 'cors';
    this.redirect = init.redirect ?? from?.redirect ?? 'follow';
    this.signal = init.signal ?? from?.signal;
  }

  clone(): Request {
    return new Request(this);
  }
}

interface Answer {
  status: number;
  headers: [string, string][];
  body: string;
}

export async function fetch(input: unknown, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const { url, method, headers } = request;
  const body = request.body === null ? null : await request.text();
  const answer = natives.__fetch(JSON.stringify({ url, method, headers: [...headers], body }));
  const { status, headers: answered, body: text } = JSON.parse(answer) as Answer;
  return new Response(NULL_BODY.includes(status) ? null : text, { status, headers: answered });
}
