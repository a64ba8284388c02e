import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  type ConsumedCapacity,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { type Item, type ItemKey, StateStore } from '../../core/ports/state-store.ts';
import type { Telemetry } from '../../core/ports/telemetry.ts';
import { readUnits, writeUnits } from '../../cost/dynamodb-units.ts';
import { checkBytes, checkKey, checkRange } from '../arguments.ts';
import { compareUtf8 } from '../utf8-order.ts';
import { awsError, isNamed } from './errors.ts';

type Operation = 'create' | 'replace' | 'read' | 'range' | 'remove';
type Attributes = Record<string, AttributeValue>;

/** An item as it is stored. */
interface StoredItem {
  readonly pk: { readonly S: string };
  readonly sk: { readonly S: string };
  /** Random, so that one of a removed item does not fit its successor. */
  readonly version: { readonly S: string };
  readonly body: { readonly B: Uint8Array };
  /** Epoch seconds; without it an item stays. */
  readonly expiresAt?: { readonly N: string };
}

/** Bytes of an item beside its key and body: the names of its attributes, version, expiry. */
const overheadBytes = 80;
/** The service takes a number of 32 bits, and ends a page at 1 MB anyway. */
const pageItemsMax = 10_000;
/** What every request asks for besides. */
const reported = { ReturnConsumedCapacity: 'TOTAL' } as const;

/**
 * A {@link StateStore} in a table of DynamoDB.
 *
 * - The table has the partition key `pk` and the sort key `sk`, both of type S, and
 *   `expiresAt` as its time to live attribute.
 * - Its client is made with `awsClientOptions`.
 * - Each call is one request, a `range` one per page of up to 1 MB. Reads are strongly consistent.
 * - It counts `store_write_units { operation, source }` and `store_read_units { operation, source }`;
 *   they are `measured` by the service or, where it says nothing, `computed`. Of a refused write it
 *   says nothing though it charges by the item that is there: the one that was to be written counts.
 * - The service removes an item within days of its expiry, but never one that expired more than five
 *   years ago.
 */
export class DynamoDbStateStore extends StateStore {
  /** An item has at most 409,600 bytes with its key (up to 340) and the names of its attributes. */
  override readonly itemBytesMax = 400_000;
  private readonly client: DynamoDBClient;
  private readonly table: string;
  private readonly telemetry: Telemetry;

  constructor(client: DynamoDBClient, table: string, telemetry: Telemetry) {
    super();
    this.client = client;
    this.table = table;
    this.telemetry = telemetry;
  }

  override async create(key: ItemKey, body: Uint8Array, expiresAt?: number): Promise<boolean> {
    checkKey(key);
    checkBytes('An item', body.length, this.itemBytesMax);
    return this.put('create', stored(key, body, expiresAt), {
      ConditionExpression: 'attribute_not_exists(pk)',
    });
  }

  override async replace(
    key: ItemKey,
    body: Uint8Array,
    version: string,
    expiresAt?: number,
  ): Promise<boolean> {
    checkKey(key);
    checkBytes('An item', body.length, this.itemBytesMax);
    return this.put('replace', stored(key, body, expiresAt), {
      ConditionExpression: 'version = :version',
      ExpressionAttributeValues: { ':version': { S: version } },
    });
  }

  override async read(key: ItemKey): Promise<Item | null> {
    checkKey(key);
    const command = new GetItemCommand({
      TableName: this.table,
      Key: keyOf(key),
      ConsistentRead: true,
      ...reported,
    });
    const { Item: found, ConsumedCapacity } = await this.client.send(command).catch((cause) => {
      throw awsError('read an item', cause);
    });
    this.count('read', ConsumedCapacity, readUnits(found === undefined ? 0 : sizeOf(found)));
    return found === undefined ? null : itemOf(found);
  }

  override async range(
    partition: string,
    from: string,
    to: string,
    limit: number,
  ): Promise<Item[]> {
    checkRange(partition, from, to, limit);
    const items: Item[] = [];
    if (compareUtf8(from, to) >= 0) return items;
    let start: Attributes | undefined;
    do {
      const page = await this.page(partition, from, to, limit - items.length, start);
      // BETWEEN takes in both ends.
      items.push(...(page.Items ?? []).map(itemOf).filter(({ sort }) => sort !== to));
      start = page.LastEvaluatedKey;
    } while (start !== undefined && items.length < limit);
    return items;
  }

  override async remove(key: ItemKey): Promise<void> {
    checkKey(key);
    const command = new DeleteItemCommand({
      TableName: this.table,
      Key: keyOf(key),
      ...reported,
    });
    const { ConsumedCapacity } = await this.client.send(command).catch((cause) => {
      throw awsError('remove an item', cause);
    });
    // Its size is not known here.
    this.count('remove', ConsumedCapacity, writeUnits(0));
  }

  /** Puts an item if a condition holds; false if it doesn't. */
  private async put(
    operation: 'create' | 'replace',
    item: StoredItem,
    condition: { ConditionExpression: string; ExpressionAttributeValues?: Attributes },
  ): Promise<boolean> {
    const Item = { ...item };
    const units = writeUnits(sizeOf(Item));
    const command = new PutItemCommand({ TableName: this.table, Item, ...condition, ...reported });
    try {
      const { ConsumedCapacity } = await this.client.send(command);
      this.count(operation, ConsumedCapacity, units);
      return true;
    } catch (cause) {
      const refused = isNamed(cause, 'ConditionalCheckFailedException');
      if (!refused) throw awsError(`${operation} an item`, cause);
      this.count(operation, undefined, units);
      return false;
    }
  }

  private async page(
    partition: string,
    from: string,
    to: string,
    limit: number,
    start: Attributes | undefined,
  ): Promise<QueryCommandOutput> {
    const values = { ':pk': { S: partition }, ':to': { S: to } };
    // No value of a key may be empty.
    const [sorts, bounds] =
      from === ''
        ? ['sk < :to', values]
        : ['sk BETWEEN :from AND :to', { ...values, ':from': { S: from } }];
    const command = new QueryCommand({
      TableName: this.table,
      KeyConditionExpression: `pk = :pk AND ${sorts}`,
      ExpressionAttributeValues: bounds,
      ConsistentRead: true,
      Limit: Math.min(limit, pageItemsMax),
      ExclusiveStartKey: start,
      ...reported,
    });
    const page = await this.client.send(command).catch((cause) => {
      throw awsError('read items', cause);
    });
    const bytes = (page.Items ?? []).reduce((sum, item) => sum + sizeOf(item), 0);
    this.count('range', page.ConsumedCapacity, readUnits(bytes));
    return page;
  }

  private count(operation: Operation, used: ConsumedCapacity | undefined, computed: number): void {
    const reads = operation === 'read' || operation === 'range';
    const source = used?.CapacityUnits === undefined ? 'computed' : 'measured';
    const units = used?.CapacityUnits ?? computed;
    const name = reads ? 'store_read_units' : 'store_write_units';
    this.telemetry.count(name, units, { operation, source });
  }
}

function keyOf(key: ItemKey): Pick<StoredItem, 'pk' | 'sk'> {
  return { pk: { S: key.partition }, sk: { S: key.sort } };
}

function stored(key: ItemKey, body: Uint8Array, expiresAt: number | undefined): StoredItem {
  const item = { ...keyOf(key), version: { S: randomUUID() }, body: { B: body } };
  if (expiresAt === undefined) return item;
  return { ...item, expiresAt: { N: String(Math.ceil(expiresAt)) } };
}

function itemOf(attributes: Attributes): Item {
  const { sk, version, body } = attributes as unknown as StoredItem;
  return { sort: sk.S, version: version.S, body: body.B };
}

function sizeOf(attributes: Attributes): number {
  const { pk, sk, body } = attributes as unknown as StoredItem;
  return Buffer.byteLength(pk.S) + Buffer.byteLength(sk.S) + body.B.length + overheadBytes;
}
