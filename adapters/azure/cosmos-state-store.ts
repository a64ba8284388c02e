import type { Container } from '@azure/cosmos';
import type { Clock } from '../../core/ports/clock.ts';
import { type Item, type ItemKey, StateStore } from '../../core/ports/state-store.ts';
import type { Telemetry } from '../../core/ports/telemetry.ts';
import { createUnits, queryUnits, readUnits, replaceUnits } from '../../cost/cosmos-units.ts';
import { checkBytes, checkKey, checkRange } from '../arguments.ts';
import { idOf, textOfId } from '../ordered-names.ts';
import { cosmosError, hasStatus, isItemMissing } from './errors.ts';
import { meansAny } from './etag.ts';

/** An item as it is stored; `id` is `idOf` its sort key. */
interface StoredItem {
  readonly id: string;
  readonly partition: string;
  /** base64: four characters for three bytes. */
  readonly body: string;
  /** Seconds from the write on; without it an item stays. */
  readonly ttl?: number;
}

interface ReadItem extends StoredItem {
  readonly _etag: string;
}

type Operation = 'create' | 'replace' | 'read' | 'range' | 'remove';

/** Bytes of an item beside its key and body, about: the service's own fields, names, quotes. */
const overheadBytes = 300;
const ttlSecondsMax = 2_147_483_647;
const rangeQuery = `SELECT c.id, c.partition, c.body, c._etag FROM c
  WHERE c.partition = @partition AND c.id >= @from AND c.id < @to ORDER BY c.id`;

/** What a {@link CosmosStateStore} may be told. */
export interface CosmosStateStoreOptions {
  /**
   * Where request units come from: `measured` (default) as the service charges them, `computed`
   * from sizes, for an emulator.
   */
  readonly requestUnits?: 'measured' | 'computed';
}

/**
 * A {@link StateStore} in a container of Cosmos DB (API for NoSQL).
 *
 * - The container has the partition key `/partition`, a default time to live of -1 (items live on
 *   unless they say otherwise), and an indexing policy that includes `/partition/?` and excludes
 *   the rest, `/*`; `id` is always indexed.
 * - Its client is made with `cosmosClientOptions`; the account's consistency is session or stronger.
 * - Each call is one request: a point operation, or a query in one logical partition per page of up
 *   to 4 MB.
 * - It counts `store_request_units { operation, source }`, also of refused writes.
 *
 * A logical partition holds at most 20 GB, and here it is a partition of the stream with its
 * entries and pages. At some 14 bytes of entries per event, 19 as base64, that is a thousand
 * million events: with two days of entries 6,000 events/s in one partition, with fourteen days
 * (a stream that keeps seven) 870. Beyond it writes fail with `request` (403/1014) until entries
 * expire, so a stream needs that many partitions.
 */
export class CosmosStateStore extends StateStore {
  /** An item has at most 2 MB, as JSON and base64. */
  override readonly itemBytesMax = 1_490_000;
  private readonly container: Container;
  private readonly clock: Clock;
  private readonly telemetry: Telemetry;
  private readonly source: 'measured' | 'computed';

  constructor(
    container: Container,
    clock: Clock,
    telemetry: Telemetry,
    options: CosmosStateStoreOptions = {},
  ) {
    super();
    this.container = container;
    this.clock = clock;
    this.telemetry = telemetry;
    this.source = options.requestUnits ?? 'measured';
  }

  override async create(key: ItemKey, body: Uint8Array, expiresAt?: number): Promise<boolean> {
    checkKey(key);
    checkBytes('An item', body.length, this.itemBytesMax);
    const item = this.stored(key, body, expiresAt);
    try {
      const response = await this.container.items.create(item);
      this.charge('create', response.requestCharge, createUnits(sizeOf(item)));
      return true;
    } catch (cause) {
      if (!hasStatus(cause, 409)) throw cosmosError('create an item', cause);
      this.charge('create', chargeOf(cause), readUnits(0));
      return false;
    }
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
    const item = this.stored(key, body, expiresAt);
    const accessCondition = { type: 'IfMatch', condition: version };
    try {
      const response = await this.itemOf(key).replace(item, { accessCondition });
      this.charge('replace', response.requestCharge, replaceUnits(sizeOf(item)));
      return true;
    } catch (cause) {
      const refused = hasStatus(cause, 412) || isItemMissing(cause);
      if (!refused) throw cosmosError('replace an item', cause);
      this.charge('replace', chargeOf(cause), readUnits(0));
      return false;
    }
  }

  override async read(key: ItemKey): Promise<Item | null> {
    checkKey(key);
    const response = await this.itemOf(key)
      .read<ReadItem>()
      .catch((cause) => {
        throw cosmosError('read an item', cause);
      });
    const { statusCode: code, substatus, resource } = response;
    // The client gives every 404 as an answer, the one of a missing container too.
    const missing = isItemMissing({ code, substatus });
    if (code === 404 && !missing) throw cosmosError('read an item', { code, substatus });
    this.charge('read', response.requestCharge, readUnits(missing ? 0 : sizeOf(resource!)));
    return missing ? null : itemOf(resource!);
  }

  override async range(
    partition: string,
    from: string,
    to: string,
    limit: number,
  ): Promise<Item[]> {
    checkRange(partition, from, to, limit);
    const items: Item[] = [];
    for (let next: string | null = idOf(from); next !== null && items.length < limit; ) {
      const page: ReadItem[] = [];
      const more = await this.page(partition, next, idOf(to), limit - items.length, page);
      items.push(...page.map(itemOf));
      // No id goes on with a blank, so this is the first that may follow.
      next = more ? `${page.at(-1)!.id} ` : null;
    }
    return items;
  }

  override async remove(key: ItemKey): Promise<void> {
    checkKey(key);
    try {
      const response = await this.itemOf(key).delete();
      // Its size is not known here.
      this.charge('remove', response.requestCharge, createUnits(0));
    } catch (cause) {
      if (!isItemMissing(cause)) throw cosmosError('remove an item', cause);
      this.charge('remove', chargeOf(cause), readUnits(0));
    }
  }

  /** Reads the first items from an id on into `page`; true if there may be more behind them. */
  private async page(
    partition: string,
    from: string,
    to: string,
    limit: number,
    page: ReadItem[],
  ): Promise<boolean> {
    const parameters = [
      { name: '@partition', value: partition },
      { name: '@from', value: from },
      { name: '@to', value: to },
    ];
    const query = { query: rangeQuery, parameters };
    const options = { partitionKey: partition, maxItemCount: Math.min(limit, 1_000) };
    const pages = this.container.items.query<ReadItem>(query, options);
    // A page may be empty and yet not be the last.
    for (let more = true; more && page.length === 0; more = pages.hasMoreResults()) {
      const response = await pages.fetchNext().catch((cause) => {
        throw cosmosError('read items', cause);
      });
      page.push(...response.resources);
      this.charge('range', response.requestCharge, queryUnits(page.map(sizeOf)));
    }
    return page.length > 0 && pages.hasMoreResults();
  }

  private itemOf(key: ItemKey) {
    return this.container.item(idOf(key.sort), key.partition);
  }

  private stored(key: ItemKey, bytes: Uint8Array, expiresAt: number | undefined): StoredItem {
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
    const item = { id: idOf(key.sort), partition: key.partition, body };
    if (expiresAt === undefined) return item;
    const seconds = Math.ceil(expiresAt - this.clock.now() / 1000);
    return { ...item, ttl: Math.min(Math.max(seconds, 1), ttlSecondsMax) };
  }

  private charge(operation: Operation, measured: number, computed: number): void {
    const { source } = this;
    const units = source === 'measured' ? measured : computed;
    this.telemetry.count('store_request_units', units, { operation, source });
  }
}

function itemOf(stored: ReadItem): Item {
  // A copy, since small buffers share their memory.
  const body = new Uint8Array(Buffer.from(stored.body, 'base64'));
  return { sort: textOfId(stored.id), version: stored._etag, body };
}

function sizeOf(item: StoredItem): number {
  return item.id.length + Buffer.byteLength(item.partition) + item.body.length + overheadBytes;
}

/** What a refused request was charged. */
function chargeOf(error: unknown): number {
  const { headers } = error as { headers?: Readonly<Record<string, unknown>> };
  return Number(headers?.['x-ms-request-charge'] ?? 0);
}
