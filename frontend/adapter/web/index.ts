/** Gives an engine that has only ECMAScript the part of the web platform that Kit's server touches. */

import { Headers } from './headers.ts';
import { fetch, Request, Response } from './message.ts';
import { FormData, URLSearchParams } from './pairs.ts';
import * as rest from './rest.ts';
import { btoa, TextDecoder, TextEncoder } from './text.ts';
import { URL } from './url.ts';

const platform = {
  ...rest,
  btoa,
  fetch,
  FormData,
  Headers,
  Request,
  Response,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
  process: { env: {} },
  performance: { now: () => Date.now() },
};

for (const [name, value] of Object.entries(platform)) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}
