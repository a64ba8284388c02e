import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ObjectStore } from '../../core/ports/object-store.ts';
import { checkBytes, checkList, checkName } from '../arguments.ts';
import { fileError, isNotFound } from './errors.ts';
import { bytesOf, nameOf, pathOf, readPart } from './object-path.ts';

/**
 * An {@link ObjectStore} of files under a folder, made at the first `put`: the objects in
 * `objects`, those being written in `unfinished` (what a killed process leaves there may be
 * removed).
 *
 * A file and its folders are on the disk before `put` ends: a journal entry that refers to an
 * object must never outlive it, not even in a power cut. Folders stay when their last object goes,
 * since a `put` may be under way.
 */
export class LocalObjectStore extends ObjectStore {
  override readonly objectBytesMax: number;
  private readonly objects: string;
  private readonly unfinished: string;

  /** `objectBytesMax`: default 67,108,864. */
  constructor(folder: string, options: { readonly objectBytesMax?: number } = {}) {
    super();
    this.objectBytesMax = options.objectBytesMax ?? 67_108_864;
    this.objects = join(folder, 'objects');
    this.unfinished = join(folder, 'unfinished');
  }

  override async put(name: string, bytes: Uint8Array): Promise<void> {
    checkName(name);
    checkBytes('An object', bytes.length, this.objectBytesMax);
    const file = this.fileOf(name);
    const temporary = join(this.unfinished, randomUUID());
    try {
      await mkdir(this.unfinished, { recursive: true });
      await writeSynced(temporary, bytes);
      const made = await mkdir(dirname(file), { recursive: true });
      await rename(temporary, file);
      await syncFolders(dirname(file), made === undefined ? dirname(file) : dirname(made));
    } catch (cause) {
      // Keeps the first error: that of the cleaning up says nothing new.
      await rm(temporary, { force: true }).catch(() => undefined);
      throw fileError('put an object', cause);
    }
  }

  override async get(name: string): Promise<Uint8Array | null> {
    checkName(name);
    try {
      const buffer = await readFile(this.fileOf(name));
      return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
    } catch (cause) {
      if (isNotFound(cause)) return null;
      throw fileError('get an object', cause);
    }
  }

  /**
   * Reads the names of all folders that may hold some: the cost grows with the names behind the
   * prefix.
   */
  override async list(prefix: string, after: string, limit: number): Promise<string[]> {
    checkList(prefix, after, limit);
    const found: string[] = [];
    try {
      await collect(this.objects, '', bytesOf(prefix), bytesOf(after), found);
    } catch (cause) {
      throw fileError('list objects', cause);
    }
    // Characters are bytes here, so the plain order is the right one.
    return found.sort().slice(0, limit).map(nameOf);
  }

  override async remove(name: string): Promise<void> {
    checkName(name);
    try {
      await unlink(this.fileOf(name));
    } catch (cause) {
      if (!isNotFound(cause)) throw fileError('remove an object', cause);
    }
  }

  private fileOf(name: string): string {
    return join(this.objects, ...pathOf(bytesOf(name)));
  }
}

/** Adds to `found` all names under a folder, itself reached by names that start with `base`. */
async function collect(
  folder: string,
  base: string,
  prefix: string,
  after: string,
  found: string[],
): Promise<void> {
  for (const entry of await entriesOf(folder)) {
    const part = readPart(entry.name);
    if (part === null || part.folder !== entry.isDirectory()) continue;
    const bytes = base + part.bytes;
    if (part.folder) {
      const wanted = bytes.startsWith(prefix) || prefix.startsWith(bytes);
      const passed = bytes < after && !after.startsWith(bytes);
      if (wanted && !passed) await collect(join(folder, entry.name), bytes, prefix, after, found);
    } else if (bytes.startsWith(prefix) && (bytes > after || after === '')) {
      found.push(bytes);
    }
  }
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    if (isNotFound(cause)) return [];
    throw cause;
  }
}

async function writeSynced(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Puts the names in a folder on the disk, and those in the folders above it up to `top`. */
async function syncFolders(folder: string, top: string): Promise<void> {
  for (let current = folder; ; current = dirname(current)) {
    const handle = await open(current, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (current.length <= top.length) return;
  }
}
