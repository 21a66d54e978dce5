/** Brotli at its best, once, at build time: at start-up or on request it costs too much. */

import fs from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

/** Pictures and fonts are compressed already. */
const TEXT = /\.(css|html|ico|js|json|svg|txt|webmanifest|xml)$/;

/** Puts `NAME.br` beside each text below `root`, and tells how many and how large. */
export function compressAll(root: string): { files: number; bytes: number } {
  let [files, bytes] = [0, 0];
  for (const name of fs.readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!TEXT.test(name)) continue;
    const file = path.join(root, name);
    const content = fs.readFileSync(file);
    const compressed = brotliCompressSync(content, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    });
    fs.writeFileSync(`${file}.br`, compressed);
    files += 1;
    bytes += compressed.length;
  }
  return { files, bytes };
}
