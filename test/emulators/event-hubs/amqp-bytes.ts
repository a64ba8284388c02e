/**
 * AMQP 1.0 messages as bytes. The emulator cuts and joins them and never decodes a body: decoding and encoding again
 * would lose the types of what a producer sent (int, long and ubyte are all numbers in JavaScript).
 */

import { Refusal } from './conditions.ts';

/** What stands at one place of a message: its code (0x70 to 0x78), its bytes, and where its value begins. */
export interface Section {
  readonly code: number;
  readonly start: number;
  readonly value: number;
  readonly end: number;
}

/** One entry of a map of annotations. `value` is undefined for what is neither text nor an integer nor null. */
export interface Annotation {
  readonly bytes: Buffer;
  readonly value: string | bigint | null | undefined;
}

/** Codes of the sections of a message. */
export const sections = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  data: 0x75,
} as const;

function undecodable(text: string): Refusal {
  return new Refusal('amqp:decode-error', text);
}

/**
 * The sections of a message, in order.
 *
 * @throws Refusal for bytes that are no AMQP 1.0, as the other functions here do.
 */
export function sectionsOf(bytes: Buffer): Section[] {
  const found: Section[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== 0) throw undecodable(`No section begins at byte ${at}.`);
    const value = endOf(bytes, at + 1);
    const end = endOf(bytes, value);
    const code = scalarAt(bytes, at + 1);
    if (typeof code !== 'bigint') throw undecodable('A section must have a numeric descriptor.');
    found.push({ code: Number(code), start: at, value, end });
    at = end;
  }
  return found;
}

/** The messages in the data sections of a batch, each as bytes of the whole. */
export function messagesOf(batch: Buffer, parts: readonly Section[]): Buffer[] {
  return parts
    .filter(({ code }) => code === sections.data)
    .map(({ value }) => binaryAt(batch, value));
}

/** The entries of a section of annotations, by their names. */
export function annotationsOf(bytes: Buffer, part: Section | undefined): Map<string, Annotation> {
  const entries = new Map<string, Annotation>();
  if (part === undefined) return entries;
  const wide = bytes[part.value] === 0xd1;
  if (!wide && bytes[part.value] !== 0xc1) throw undecodable('Annotations must be a map.');
  let at = part.value + (wide ? 9 : 3);
  while (at < part.end) {
    const value = endOf(bytes, at);
    const end = endOf(bytes, value);
    const name = scalarAt(bytes, at);
    if (typeof name !== 'string') throw undecodable('An annotation must have a name.');
    entries.set(name, { bytes: bytes.subarray(at, end), value: scalarAt(bytes, value) });
    at = end;
  }
  return entries;
}

/** A section of annotations out of encoded entries, each a name and a value. */
export function annotationSection(code: number, entries: readonly Buffer[]): Buffer {
  const length = entries.reduce((sum, entry) => sum + entry.length, 0);
  const bytes = Buffer.allocUnsafe(12 + length);
  bytes.set([0x00, 0x53, code, 0xd1], 0);
  bytes.writeUInt32BE(4 + length, 4);
  bytes.writeUInt32BE(2 * entries.length, 8);
  let at = 12;
  for (const entry of entries) at += entry.copy(bytes, at);
  return bytes;
}

/** An annotation that is a long. */
export function longEntry(name: string, value: bigint): Buffer {
  return eightBytes(name, 0x81, value);
}

/** An annotation that is a timestamp. */
export function timestampEntry(name: string, epochMs: number): Buffer {
  return eightBytes(name, 0x83, BigInt(epochMs));
}

/** An annotation that is a text of up to 255 bytes. */
export function textEntry(name: string, value: string): Buffer {
  const text = Buffer.from(value);
  const bytes = Buffer.allocUnsafe(4 + name.length + text.length);
  const at = writeSymbol(bytes, name);
  bytes.set([0xa1, text.length], at);
  bytes.set(text, at + 2);
  return bytes;
}

function eightBytes(name: string, code: number, value: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(11 + name.length);
  const at = writeSymbol(bytes, name);
  bytes[at] = code;
  bytes.writeBigInt64BE(value, at + 1);
  return bytes;
}

function writeSymbol(bytes: Buffer, name: string): number {
  bytes.set([0xa3, name.length], 0);
  return 2 + bytes.write(name, 2, 'latin1');
}

/** Where the value that begins at `at` ends, its descriptor included. */
function endOf(bytes: Buffer, at: number): number {
  return bytes[at] === 0 ? plainEndOf(bytes, plainEndOf(bytes, at + 1)) : plainEndOf(bytes, at);
}

function plainEndOf(bytes: Buffer, at: number): number {
  const code = bytes[at];
  if (code === undefined) throw undecodable('A value is cut off.');
  const end = at + 1 + lengthOf(bytes, code, at + 1);
  if (end > bytes.length) throw undecodable('A value is cut off.');
  return end;
}

/** The upper half of a type's code says how long its values are. */
function lengthOf(bytes: Buffer, code: number, at: number): number {
  const kind = code >> 4;
  if (kind === 0x4) return 0;
  if (kind >= 0x5 && kind <= 0x9) return 1 << (kind - 5);
  if (kind < 0xa) throw undecodable(`There is no type ${code.toString(16)}.`);
  if ((kind & 1) === 0) return 1 + (bytes[at] ?? 0);
  return at + 4 <= bytes.length ? 4 + bytes.readUInt32BE(at) : 4;
}

function scalarAt(bytes: Buffer, at: number): string | bigint | null | undefined {
  const code = bytes[at] as number;
  switch (code) {
    case 0x40:
      return null;
    case 0xa1:
    case 0xa3:
      return bytes.toString('utf8', at + 2, endOf(bytes, at));
    case 0xb1:
    case 0xb3:
      return bytes.toString('utf8', at + 5, endOf(bytes, at));
    case 0x43:
    case 0x44:
      return 0n;
    default:
      return integerAt(bytes, code, at + 1);
  }
}

function integerAt(bytes: Buffer, code: number, at: number): bigint | undefined {
  const signed = [0x51, 0x54, 0x55, 0x61, 0x71, 0x81, 0x83].includes(code);
  const unsigned = [0x50, 0x52, 0x53, 0x60, 0x70, 0x80].includes(code);
  if (!signed && !unsigned) return undefined;
  const bits = 8 << ((code >> 4) - 5);
  const value = bytes.subarray(at, at + bits / 8).toString('hex');
  return signed ? BigInt.asIntN(bits, BigInt(`0x${value}`)) : BigInt(`0x${value}`);
}

function binaryAt(bytes: Buffer, at: number): Buffer {
  const code = bytes[at];
  if (code !== 0xa0 && code !== 0xb0) throw undecodable('A data section must hold binary.');
  return bytes.subarray(at + (code === 0xa0 ? 2 : 5), endOf(bytes, at));
}
