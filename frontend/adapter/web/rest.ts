/** The smaller parts: errors, signals, timers, console, crypto, and the one piece of Intl that messages use. */

import { natives } from './natives.ts';
import { textOf } from './text.ts';

export class DOMException extends Error {
  constructor(message = '', name = 'Error') {
    super(message);
    this.name = name;
  }
}

export class Blob {}
export class File extends Blob {}

export class ReadableStream {
  constructor() {
    throw new TypeError('the engine has no streams: await promises in load');
  }
}

export class AbortController {
  readonly signal = { aborted: false, addEventListener() {}, removeEventListener() {} };
  abort(): void {
    this.signal.aborted = true;
  }
}

/** The `stack` of this engine leaves out the message: say both. */
function describe(value: unknown): string {
  return value instanceof Error && value.stack ? `${value}\n${value.stack}` : String(value);
}

const log =
  (level: string) =>
  (...values: unknown[]) =>
    natives.__log(level, values.map(describe).join(' '));

export const console = {
  log: log('info'),
  info: log('info'),
  debug: log('debug'),
  warn: log('warn'),
  error: log('error'),
};

export function queueMicrotask(callback: () => void): void {
  void Promise.resolve().then(callback);
}

/** Nothing may wait in a render: a timer is due at once. */
export function setTimeout(
  callback: (...values: unknown[]) => void,
  _delay?: number,
  ...values: unknown[]
): number {
  queueMicrotask(() => callback(...values));
  return 0;
}

export function clearTimeout(): void {}

export const crypto = {
  getRandomValues(array: Uint8Array): Uint8Array {
    array.set(natives.__random(array.length));
    return array;
  },
  subtle: {
    async digest(algorithm: string, bytes: Uint8Array): Promise<ArrayBuffer> {
      const text = textOf(bytes);
      if (algorithm !== 'SHA-256' || text === undefined) {
        throw new TypeError('only the SHA-256 of a text that was encoded here');
      }
      return natives.__sha256(text).buffer;
    },
  },
};

/** CLDR's separators of thousands and decimals. Compiled messages write numbers with it; nothing else uses Intl. */
const SEPARATORS: Record<string, [thousands: string, decimal: string]> = {
  en: [',', '.'],
  fr: ['\u202f', ','],
};

export const Intl = {
  NumberFormat: class NumberFormat {
    readonly #separators: [string, string];

    constructor(locale: string | string[] = 'en') {
      const [language = 'en'] = String(locale).split(/[-,]/);
      this.#separators = SEPARATORS[language] ?? [',', '.'];
    }

    format(number: number): string {
      const [thousands, decimal] = this.#separators;
      const [whole = '', fraction = ''] = Math.abs(number).toFixed(3).split('.');
      const digits = fraction.replace(/0+$/, '');
      const sign = number < 0 ? '-' : '';
      return sign + whole.replace(/\B(?=(\d{3})+$)/g, thousands) + (digits && decimal + digits);
    }
  },
};
