import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { isCompressed } from '../../core/compression.ts';
import { MillraceError } from '../../core/errors.ts';

const readBytes = 262_144;

/**
 * The bytes of a file, or of the standard input for `-`, in pieces; gzip and zstd, told by the first bytes, are
 * undone.
 *
 * @throws MillraceError `request`: when it can't be opened, or while reading when the compressed data is damaged.
 */
export async function openBytes(
  path: string,
  stdin: AsyncIterable<Uint8Array> = process.stdin,
): Promise<AsyncIterable<Uint8Array>> {
  if (path === '-') return unpacked(stdin, 'stdin');
  try {
    if (!(await stat(path)).isDirectory()) {
      return unpacked(createReadStream(path, { highWaterMark: readBytes }), basename(path));
    }
  } catch (cause) {
    const gone = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = gone ? 'there is no such file' : (cause as Error).message;
    throw new MillraceError('request', `can't read ${path}: ${reason}`, { cause });
  }
  throw new MillraceError('request', `can't read ${path}: it is a directory`);
}

async function* unpacked(
  source: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  try {
    const [head, rest] = await peek(source);
    if (!isCompressed(head)) yield* rest;
    else if (head[0] === 0x1f) yield* gunzip(rest);
    else yield* unzstd(rest);
  } catch (cause) {
    if (cause instanceof MillraceError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MillraceError('request', `can't read ${name}: ${reason}`, { cause });
  }
}

/** The first four bytes, or fewer if there are no more, and all of the source. */
async function peek(
  source: AsyncIterable<Uint8Array>,
): Promise<[Uint8Array, AsyncIterable<Uint8Array>]> {
  const iterator = source[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array();
  while (head.length < 4) {
    const next = await iterator.next();
    if (next.done === true) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      yield head;
      for (;;) {
        const next = await iterator.next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return [head, all()];
}

async function* gunzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  // The errors of the pipeline come out of the iteration as well.
  yield* pipeline(Readable.from(source), createGunzip(), () => {});
}

/** node:zlib stops silently after the first zstd frame, so each frame gets a decoder of its own. */
async function* unzstd(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let decoder = zstdDecoder();
  for await (const chunk of source) {
    for (let rest = chunk; rest.length > 0; ) {
      const { output, taken, ended } = await decoder.write(rest);
      yield* output;
      rest = rest.subarray(taken);
      if (ended) decoder = zstdDecoder();
    }
  }
  yield* await decoder.end();
}

function zstdDecoder() {
  const engine = createZstdDecompress();
  let output: Uint8Array[] = [];
  let fed = 0;
  engine.on('data', (bytes: Uint8Array) => output.push(bytes));
  const flushed = (act: (done: (error?: Error | null) => void) => void) =>
    new Promise<Uint8Array[]>((resolve, reject) => {
      engine.once('error', reject);
      act((error) => {
        if (error) return;
        engine.off('error', reject);
        const bytes = output;
        output = [];
        resolve(bytes);
      });
    });
  return {
    async write(bytes: Uint8Array) {
      const before = engine.bytesWritten;
      const output = await flushed((done) => engine.write(bytes, done));
      const taken = engine.bytesWritten - before;
      fed += taken;
      return { output, taken, ended: taken < bytes.length };
    },
    /** An empty decoder has nothing to finish. */
    end: (): Promise<Uint8Array[]> =>
      fed === 0 ? Promise.resolve([]) : flushed((done) => engine.once('end', done).end()),
  };
}
