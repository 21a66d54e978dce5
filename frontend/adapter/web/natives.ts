/**
 * What the host gives to the engine. Each is the hard part of a web API, written in Rust
 * (`api/src/page/natives.rs`), or in Node where the tests and the build render pages (`adapter/host.ts`).
 */
export interface Natives {
  /** The parts of an address as JSON, or the empty text where it is not one. */
  __url(href: string, base: string): string;
  /** A request as JSON in, the response as JSON out; it blocks. */
  __fetch(request: string): string;
  __log(level: string, text: string): void;
  /** The UTF-8 bytes of a text. */
  __encode(text: string): Uint8Array<ArrayBuffer>;
  __random(length: number): Uint8Array<ArrayBuffer>;
  __sha256(text: string): Uint8Array<ArrayBuffer>;
}

export const natives = globalThis as unknown as Natives;
