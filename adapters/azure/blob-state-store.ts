import type { BlobItem, ContainerClient } from '@azure/storage-blob';
import { type Item, type ItemKey, StateStore } from '../../core/ports/state-store.ts';
import { checkBytes, checkKey, checkRange } from '../arguments.ts';
import { objectNameOf, textOfObjectName } from '../ordered-names.ts';
import { BlobContainer } from './blob-container.ts';
import { meansAny } from './etag.ts';

/** Parts the halves of a key; it is part of neither. */
const divider = '/~/';
/** How many blobs a range reads or a sweep removes at the same time. */
const callsAtOnce = 16;

/** What a {@link BlobStateStore} may be told. */
export interface BlobStateStoreOptions {
  /** Default 2,000,000. */
  readonly itemBytesMax?: number;
  /** How long a call may take, milliseconds, default 30,000. */
  readonly callMs?: number;
}

/**
 * A {@link StateStore} in a container of Azure Blob storage, one blob per item, versions by ETag:
 * for those who want no database. Its client is made with `retryOptions: { maxTries: 1 }`.
 *
 * A range is a list and a read of each item, which may have been replaced since it was listed.
 * Blob storage doesn't remove what expired, so `sweep` does; its deletes are free.
 */
export class BlobStateStore extends StateStore {
  override readonly itemBytesMax: number;
  private readonly blobs: BlobContainer;

  constructor(container: ContainerClient, options: BlobStateStoreOptions = {}) {
    super();
    this.itemBytesMax = options.itemBytesMax ?? 2_000_000;
    this.blobs = new BlobContainer(container, options.callMs ?? 30_000);
  }

  override async create(key: ItemKey, body: Uint8Array, expiresAt?: number): Promise<boolean> {
    checkKey(key);
    checkBytes('An item', body.length, this.itemBytesMax);
    const conditions = { ifNoneMatch: '*' };
    return this.blobs.put(nameOf(key), body, { conditions, ...expiry(expiresAt) });
  }

  override async replace(
    key: ItemKey,
    body: Uint8Array,
    version: string,
    expiresAt?: number,
  ): Promise<boolean> {
    checkKey(key);
    checkBytes('An item', body.length, this.itemBytesMax);
    if (meansAny(version)) return false;
    const conditions = { ifMatch: version };
    return this.blobs.put(nameOf(key), body, { conditions, ...expiry(expiresAt) });
  }

  override async read(key: ItemKey): Promise<Item | null> {
    checkKey(key);
    return this.readNamed(nameOf(key));
  }

  override async range(
    partition: string,
    from: string,
    to: string,
    limit: number,
  ): Promise<Item[]> {
    checkRange(partition, from, to, limit);
    const first = prefixOf(partition) + objectNameOf(from);
    const end = prefixOf(partition) + objectNameOf(to);
    const items: Item[] = [];
    if (first >= end) return items;
    const listing = { prefix: commonStart(first, end), from: first, blobs: limit };
    for await (const page of this.blobs.list(listing)) {
      const inside = page.filter(({ name }) => name < end);
      for (let at = 0; at < inside.length && items.length < limit; ) {
        const some = inside.slice(at, at + Math.min(callsAtOnce, limit - items.length));
        // One that was removed since it was listed is not there.
        const read = await Promise.all(some.map(({ name }) => this.readNamed(name)));
        items.push(...read.filter((item) => item !== null));
        at += some.length;
      }
      if (items.length >= limit || inside.length < page.length) break;
    }
    return items;
  }

  override async remove(key: ItemKey): Promise<void> {
    checkKey(key);
    await this.blobs.remove(nameOf(key));
  }

  /**
   * Removes the items that expired before `nowSeconds` (epoch), but for those that are still
   * needed; gives their number. Lists the whole container. Not part of the port.
   */
  async sweep(
    nowSeconds: number,
    needed: (partition: string, sort: string) => boolean = () => false,
  ): Promise<number> {
    let removed = 0;
    const listing = { prefix: '', from: '', blobs: Number.MAX_SAFE_INTEGER, includeMetadata: true };
    for await (const page of this.blobs.list(listing)) {
      const expired = page.filter(({ name, metadata }) => {
        const expires = metadata?.['expires'];
        if (expires === undefined || Number(expires) >= nowSeconds) return false;
        const { partition, sort } = keyOf(name);
        return !needed(partition, sort);
      });
      for (let at = 0; at < expired.length; at += callsAtOnce) {
        // Of the version that was listed: another may have been given more time.
        const done = await Promise.all(expired.slice(at, at + callsAtOnce).map(this.drop));
        removed += done.filter((gone) => gone).length;
      }
    }
    return removed;
  }

  private readonly drop = ({ name, properties }: BlobItem): Promise<boolean> =>
    this.blobs.remove(name, properties.etag);

  private async readNamed(name: string): Promise<Item | null> {
    const blob = await this.blobs.get(name);
    return blob && { sort: keyOf(name).sort, version: blob.etag, body: blob.bytes };
  }
}

function prefixOf(partition: string): string {
  return objectNameOf(partition) + divider;
}

function nameOf({ partition, sort }: ItemKey): string {
  return prefixOf(partition) + objectNameOf(sort);
}

function keyOf(name: string): ItemKey {
  const [partition = '', sort = ''] = name.split(divider);
  return { partition: textOfObjectName(partition), sort: textOfObjectName(sort) };
}

/** What every name from `first` on and before `end` starts with. */
function commonStart(first: string, end: string): string {
  let length = 0;
  while (length < first.length && first[length] === end[length]) length += 1;
  return first.slice(0, length);
}

function expiry(expiresAt: number | undefined) {
  return expiresAt === undefined ? {} : { metadata: { expires: String(Math.ceil(expiresAt)) } };
}
