/** TextEncoder, TextDecoder and `btoa`. */

import { natives } from './natives.ts';

/**
 * The text behind encoded bytes. Kit encodes a page to count its bytes and the host wants the text back:
 * decoding it again took half of the time of a page.
 */
const texts = new WeakMap<Uint8Array, string>();

export const textOf = (bytes: Uint8Array): string | undefined => texts.get(bytes);

export class TextEncoder {
  readonly encoding = 'utf-8';

  encode(input: unknown = ''): Uint8Array<ArrayBuffer> {
    const text = String(input).toWellFormed();
    const bytes = natives.__encode(text);
    texts.set(bytes, text);
    return bytes;
  }
}

export class TextDecoder {
  readonly encoding = 'utf-8';

  decode(input: ArrayBuffer | ArrayBufferView = new Uint8Array()): string {
    if (input instanceof Uint8Array) {
      const known = texts.get(input);
      if (known !== undefined) return known;
    }
    return decodeUtf8(bytesOf(input));
  }
}

function bytesOf(input: ArrayBuffer | ArrayBufferView): Uint8Array {
  if (!ArrayBuffer.isView(input)) return new Uint8Array(input);
  return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
}

/** How many bytes follow a lead byte, its bits, and the bounds of the byte after it (none overlong, no surrogate). */
function lead(byte: number): [more: number, bits: number, low: number, high: number] | undefined {
  if (byte < 0x80) return [0, byte, 0, 0];
  if (byte >= 0xc2 && byte <= 0xdf) return [1, byte & 0x1f, 0x80, 0xbf];
  if (byte >= 0xe0 && byte <= 0xef) {
    return [2, byte & 0xf, byte === 0xe0 ? 0xa0 : 0x80, byte === 0xed ? 0x9f : 0xbf];
  }
  if (byte >= 0xf0 && byte <= 0xf4) {
    return [3, byte & 0x7, byte === 0xf0 ? 0x90 : 0x80, byte === 0xf4 ? 0x8f : 0xbf];
  }
  return undefined;
}

/** https://encoding.spec.whatwg.org/#utf-8-decoder: a wrong sequence becomes U+FFFD, the byte that broke it is read again. */
function decodeUtf8(bytes: Uint8Array): string {
  let text = '';
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (at < bytes.length) {
    const found = lead(bytes[at++] ?? 0);
    if (!found) {
      text += '\uFFFD';
      continue;
    }
    let [more, point, low, high] = found;
    while (more > 0) {
      const byte = bytes[at];
      if (byte === undefined || byte < low || byte > high) break;
      point = (point << 6) | (byte & 0x3f);
      [low, high] = [0x80, 0xbf];
      at++;
      more--;
    }
    text += more === 0 ? String.fromCodePoint(point) : '\uFFFD';
  }
  return text;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function btoa(input: unknown): string {
  const binary = String(input);
  let text = '';
  for (let i = 0; i < binary.length; i += 3) {
    const [a, b, c] = [binary.charCodeAt(i), binary.charCodeAt(i + 1), binary.charCodeAt(i + 2)];
    if (a > 255 || b > 255 || c > 255) throw new TypeError('btoa takes characters up to U+00FF only');
    const bits = (a << 16) | ((b || 0) << 8) | (c || 0);
    text += ALPHABET.charAt(bits >> 18) + ALPHABET.charAt((bits >> 12) & 63);
    text += Number.isNaN(b) ? '=' : ALPHABET.charAt((bits >> 6) & 63);
    text += Number.isNaN(c) ? '=' : ALPHABET.charAt(bits & 63);
  }
  return text;
}
