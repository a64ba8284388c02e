/**
 * Object names as file paths, both ways. Names are handled as `bytes`: strings with one character
 * per UTF-8 byte, whose order and prefixes are those of the bytes.
 *
 * A `/` parts folders, marked by a `+` at the end, so `a` (a file) and `a/b` (in the folder `a+`)
 * can be side by side. Everything but a-z, 0-9 and `-_.=,` becomes `%xx`: upper case too, since
 * file systems may ignore it, and a dot at either end. An empty part is `%`. A part of over 200
 * characters goes on inside a folder marked by `~`.
 */

const partCharsMax = 200;

/** A name as a string of its UTF-8 bytes. */
export function bytesOf(name: string): string {
  return Buffer.from(name, 'utf8').toString('latin1');
}

/** The name whose UTF-8 bytes are `bytes`. */
export function nameOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/**
 * The parts of the path, of which the last is the file: never empty, never `.` or `..`, never with
 * a separator.
 */
export function pathOf(bytes: string): string[] {
  const parts = bytes.split('/').map(encode);
  const file = parts.pop()!;
  const folders = parts.flatMap((chunks) => [...chunks.slice(0, -1), `${chunks.at(-1)}+`]);
  return [...folders, ...file];
}

/**
 * What a part of a path adds to the bytes of the name, and whether it is a folder; null if no name
 * has it.
 */
export function readPart(
  part: string,
): { readonly bytes: string; readonly folder: boolean } | null {
  const mark = part.at(-1);
  const folder = mark === '+' || mark === '~';
  const text = folder ? part.slice(0, -1) : part;
  if (text === '%') return { bytes: mark === '+' ? '/' : '', folder };
  if (!/^(?:[a-z0-9_.=,-]|%[0-9a-f]{2})+$/.test(text)) return null;
  const bytes = text.replace(/%(..)/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return { bytes: mark === '+' ? `${bytes}/` : bytes, folder };
}

/** One part between slashes, in chunks of which all but the last carry their mark. */
function encode(part: string): string[] {
  if (part === '') return ['%'];
  const chunks: string[] = [];
  let chunk = '';
  for (let i = 0; i < part.length; i += 1) {
    const char = part[i]!;
    const outer = i === 0 || i === part.length - 1;
    const plain = /[a-z0-9_=,-]/.test(char) || (char === '.' && !outer);
    if (chunk.length > partCharsMax - 3) {
      chunks.push(`${chunk}~`);
      chunk = '';
    }
    chunk += plain ? char : `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  }
  return [...chunks, chunk];
}
