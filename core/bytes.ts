import { MillraceError } from './errors.ts';

const utf8 = new TextEncoder();
const text8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Writes numbers, texts and bytes into one growing buffer. Integers are little-endian groups of 7 bits. */
export class Writer {
  private buffer: Uint8Array<ArrayBuffer>;
  private view: DataView;
  private at = 0;

  constructor(capacity = 1024) {
    this.buffer = new Uint8Array(capacity);
    this.view = new DataView(this.buffer.buffer);
  }

  /** Starts anew in the same buffer: what `done` gave before is void. */
  reset(): this {
    this.at = 0;
    return this;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.at;
  }

  /** The bytes written: a view, valid until the next write. */
  done(): Uint8Array<ArrayBuffer> {
    return this.buffer.subarray(0, this.at);
  }

  private room(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(this.buffer.length * 2, this.at + bytes));
    larger.set(this.done());
    this.buffer = larger;
    this.view = new DataView(larger.buffer);
  }

  byte(value: number): void {
    this.room(1);
    this.buffer[this.at++] = value;
  }

  /** A safe integer from 0 on. */
  unsigned(value: number): void {
    this.room(8);
    let rest = value;
    while (rest >= 0x8000_0000) {
      this.buffer[this.at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    // Integer operations from here on: the remainder of a double is a call.
    let small = rest | 0;
    while (small >= 0x80) {
      this.buffer[this.at++] = (small & 0x7f) | 0x80;
      small >>>= 7;
    }
    this.buffer[this.at++] = small;
  }

  /** Any integer: the first byte holds the sign and 6 bits. A safe one reads back as a number. */
  signed(value: number | bigint): void {
    if (typeof value === 'bigint') {
      this.signedBig(value);
      return;
    }
    const magnitude = value < 0 ? -value : value;
    const sign = value < 0 ? 0x40 : 0;
    if (magnitude < 0x40) this.byte(magnitude | sign);
    else if (magnitude < 0x8000_0000) {
      const small = magnitude | 0;
      this.byte((small & 0x3f) | sign | 0x80);
      this.unsigned(small >>> 6);
    } else {
      this.byte((magnitude % 0x40) | sign | 0x80);
      this.unsigned(Math.floor(magnitude / 0x40));
    }
  }

  private signedBig(value: bigint): void {
    const sign = value < 0n ? 0x40 : 0;
    let rest = value < 0n ? -value : value;
    this.byte(Number(rest & 0x3fn) | sign | (rest >= 0x40n ? 0x80 : 0));
    if (rest < 0x40n) return;
    for (rest >>= 6n; rest >= 0x80n; rest >>= 7n) this.byte(Number(rest & 0x7fn) | 0x80);
    this.byte(Number(rest));
  }

  double(value: number): void {
    this.room(8);
    this.view.setFloat64(this.at, value, true);
    this.at += 8;
  }

  /** Bytes as they are, without their length. */
  raw(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.buffer.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** Bytes behind their length. */
  bytes(bytes: Uint8Array): void {
    this.unsigned(bytes.length);
    this.raw(bytes);
  }

  /** Well-formed text as UTF-8 behind its length. */
  text(text: string): void {
    this.bytes(utf8.encode(text));
  }

  /** Texts as their lengths in UTF-16 units, then one run of UTF-8. */
  texts(texts: readonly string[]): void {
    for (const text of texts) this.unsigned(text.length);
    this.text(texts.join(''));
  }
}

/** Reads what {@link Writer} wrote. Any read beyond the end or out of range is an error `damaged` that names the item. */
export class Reader {
  private at = 0;
  private readonly from: Uint8Array;
  private readonly view: DataView;
  private readonly name: string;

  constructor(from: Uint8Array, name: string) {
    this.from = from;
    this.view = new DataView(from.buffer, from.byteOffset, from.byteLength);
    this.name = name;
  }

  /** The error to throw for bytes that can't be what was written. */
  damaged(what: string): MillraceError {
    return new MillraceError('damaged', `${this.name}: ${what} at byte ${this.at}`);
  }

  /** Bytes not yet read. */
  get left(): number {
    return this.from.length - this.at;
  }

  /** Fails unless everything was read. */
  end(): void {
    if (this.left !== 0) throw this.damaged(`${this.left} bytes too many`);
  }

  byte(): number {
    const value = this.from[this.at];
    if (value === undefined) throw this.damaged('the end is missing');
    this.at += 1;
    return value;
  }

  unsigned(max: number = Number.MAX_SAFE_INTEGER): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (value > max) throw this.damaged(`a number over ${max}`);
      if (byte < 0x80) return value;
      scale *= 0x80;
      if (scale > Number.MAX_SAFE_INTEGER) throw this.damaged('a number that is too long');
    }
  }

  signed(): number | bigint {
    const first = this.byte();
    const negative = (first & 0x40) !== 0;
    if (first < 0x80) return negative ? -(first & 0x3f) : first & 0x3f;
    let value = first & 0x3f;
    let scale = 0x40;
    for (let groups = 0; ; groups += 1) {
      const byte = this.byte();
      const next = value + (byte & 0x7f) * scale;
      if (!Number.isSafeInteger(next) || groups > 6) {
        this.at -= 1;
        return this.signedBig(BigInt(value), BigInt(scale), negative);
      }
      value = next;
      if (byte < 0x80) return negative ? -value : value;
      scale *= 0x80;
    }
  }

  private signedBig(low: bigint, from: bigint, negative: boolean): number | bigint {
    let value = low;
    let scale = from;
    for (let groups = 0; ; groups += 1) {
      if (groups > 400) throw this.damaged('a number that is too long');
      const byte = this.byte();
      value += BigInt(byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale <<= 7n;
    }
    const result = negative ? -value : value;
    const small = Number(result);
    return Number.isSafeInteger(small) ? small : result;
  }

  /** A signed integer that must be a safe number. */
  integer(): number {
    const value = this.signed();
    if (typeof value === 'bigint') throw this.damaged('a number beyond 2^53');
    return value;
  }

  double(): number {
    if (this.left < 8) throw this.damaged('the end is missing');
    const value = this.view.getFloat64(this.at, true);
    this.at += 8;
    return value;
  }

  raw(length: number): Uint8Array {
    if (length > this.left) throw this.damaged('the end is missing');
    this.at += length;
    return this.from.subarray(this.at - length, this.at);
  }

  bytes(): Uint8Array {
    return this.raw(this.unsigned());
  }

  text(): string {
    const bytes = this.bytes();
    try {
      return text8.decode(bytes);
    } catch {
      throw this.damaged('text that is not UTF-8');
    }
  }

  texts(count: number): string[] {
    const lengths = Array.from({ length: count }, () => this.unsigned());
    const all = this.text();
    let at = 0;
    const texts = lengths.map((length) => {
      at += length;
      return all.slice(at - length, at);
    });
    if (at !== all.length) throw this.damaged('texts of another length');
    return texts;
  }
}
