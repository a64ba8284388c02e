import type { ContainerClient } from '@azure/storage-blob';
import { ObjectStore } from '../../core/ports/object-store.ts';
import { checkBytes, checkList, checkName } from '../arguments.ts';
import { objectNameOf, textOfObjectName } from '../ordered-names.ts';
import { BlobContainer } from './blob-container.ts';

/** What a {@link BlobObjectStore} may be told. */
export interface BlobObjectStoreOptions {
  /** Default 67,108,864. */
  readonly objectBytesMax?: number;
  /** How long a call may take, milliseconds, default 30,000. */
  readonly callMs?: number;
}

/**
 * An {@link ObjectStore} in a container of Azure Blob storage. Its client is made with
 * `retryOptions: { maxTries: 1 }`. Names of letters, digits, `_`, `:`, `=`, and within a segment
 * `-` and `.`, are those of the blobs.
 */
export class BlobObjectStore extends ObjectStore {
  override readonly objectBytesMax: number;
  private readonly blobs: BlobContainer;

  constructor(container: ContainerClient, options: BlobObjectStoreOptions = {}) {
    super();
    this.objectBytesMax = options.objectBytesMax ?? 67_108_864;
    this.blobs = new BlobContainer(container, options.callMs ?? 30_000);
  }

  override async put(name: string, bytes: Uint8Array): Promise<void> {
    checkName(name);
    checkBytes('An object', bytes.length, this.objectBytesMax);
    await this.blobs.put(objectNameOf(name), bytes);
  }

  override async get(name: string): Promise<Uint8Array | null> {
    checkName(name);
    const blob = await this.blobs.get(objectNameOf(name));
    return blob?.bytes ?? null;
  }

  override async list(prefix: string, after: string, limit: number): Promise<string[]> {
    checkList(prefix, after, limit);
    const from = objectNameOf(after);
    const found: string[] = [];
    // One more than wanted, since the name that the list starts after comes too.
    const listing = { prefix: objectNameOf(prefix), from, blobs: limit + 1 };
    for await (const items of this.blobs.list(listing)) {
      for (const { name } of items) if (name !== from) found.push(textOfObjectName(name));
      if (found.length >= limit) break;
    }
    return found.slice(0, limit);
  }

  override async remove(name: string): Promise<void> {
    checkName(name);
    await this.blobs.remove(objectNameOf(name));
  }
}
