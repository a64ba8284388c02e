/**
 * Texts as names that the clouds' stores take, both ways. Names are ASCII, so it doesn't matter by what
 * a store orders them, and they keep the order of the texts' UTF-8 bytes: one text starts another
 * exactly when its name starts the other's.
 *
 * Digits, letters, `_`, `:` and `=` stand for themselves. Any other byte is a sign and two hex
 * digits. There is one sign for each stretch of such bytes, and it stands where the stretch stands:
 * bytes below `0` begin with `,`, which is below `0` too, and so on.
 */

const signs = ',;@^`~';
/** Ends of the stretches. */
const ends = [0x30, 0x3d, 0x41, 0x5f, 0x61, 0x100];

function escaped(byte: string): string {
  const code = byte.charCodeAt(0);
  const sign = signs[ends.findIndex((end) => code < end)];
  return sign + code.toString(16).padStart(2, '0');
}

function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function textOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function byteOf(_: string, hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}

/**
 * A text as the id of a Cosmos DB item, which must not hold `/`, `\`, `#` and `?`: up to three
 * characters per byte. `/` becomes `-`, so that `e/0007` is `e-0007`.
 */
export function idOf(text: string): string {
  return bytesOf(text).replace(/[^0-9:=A-Z_a-z]/g, (byte) => (byte === '/' ? '-' : escaped(byte)));
}

/** The text whose {@link idOf} is `id`. */
export function textOfId(id: string): string {
  return textOf(id.replaceAll('-', '/').replace(/[,;@^`~](..)/g, byteOf));
}

/**
 * A text as the name of a blob or the key of an object in S3: up to three characters per byte. `-`,
 * `.` and `/` stand for themselves too, but not at the start of a segment: no segment is `.` or `..`
 * and none but the last is empty, which the way to the service might swallow, and `/~/` is part of no
 * name.
 */
export function objectNameOf(text: string): string {
  return bytesOf(text).replace(/(?<=^|\/)[-./]|[^-./0-9:=A-Z_a-z]/g, escaped);
}

/** The text whose {@link objectNameOf} is `name`. */
export function textOfObjectName(name: string): string {
  return textOf(name.replace(/[,;@^`~](..)/g, byteOf));
}
