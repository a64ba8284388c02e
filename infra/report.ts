import { createHash } from 'node:crypto';
import type { Package } from './archive.ts';

/** The SHA-256 of a package, in hexadecimal: the same for the same sources. */
export function hashOf({ archive }: Package): string {
  return createHash('sha256').update(archive).digest('hex');
}

/** What a package is made of, for people. */
export function describePackage(built: Package): string {
  const { files, archive, bundle } = built;
  const own = bundle.parts.map(([name, bytes]) => [name || 'Millrace', size(bytes)]).slice(0, 8);
  return [
    `Package: ${size(archive.length)} zipped, SHA-256 ${hashOf(built)}`,
    table(files.map(({ path, bytes }) => [path, size(bytes.length)])),
    'The bundle, by where it comes from',
    table(own),
    '',
  ].join('\n');
}

/** Rows of two cells, aligned. */
export function table(rows: readonly (readonly (string | undefined)[])[]): string {
  const width = Math.max(...rows.map(([first = '']) => first.length));
  return rows.map(([first = '', second]) => `  ${first.padEnd(width)}  ${second}`).join('\n');
}

function size(bytes: number): string {
  return bytes < 10_000 ? `${bytes} B` : `${Math.round(bytes / 1_000)} kB`;
}
