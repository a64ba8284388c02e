import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type Item, type ItemKey, StateStore } from '../../core/ports/state-store.ts';
import { checkBytes, checkKey, checkRange } from '../arguments.ts';
import { sqlite } from './errors.ts';

/** A version starts anywhere, so that one of a removed item does not fit its successor. */
const createSql = `INSERT INTO items (partition, sort, version, expires_at, body)
  VALUES (?, ?, abs(random() / 4), ?, ?) ON CONFLICT DO NOTHING`;
const replaceSql = `UPDATE items SET version = version + 1, expires_at = ?, body = ?
  WHERE partition = ? AND sort = ? AND CAST(version AS TEXT) = ?`;
const columns = 'sort, CAST(version AS TEXT) AS version, body';
const readSql = `SELECT ${columns} FROM items WHERE partition = ? AND sort = ?`;
/** Texts are kept as UTF-8, and the collation BINARY compares their bytes. */
const rangeSql = `SELECT ${columns} FROM items
  WHERE partition = ? AND sort >= ? AND sort < ? ORDER BY sort LIMIT ?`;

/** Whether an item must stay although it has expired. */
export type StillNeeded = (partition: string, sort: string) => boolean;

/** A {@link StateStore} in a database of `openLocalDatabase`. */
export class LocalStateStore extends StateStore {
  override readonly itemBytesMax: number;
  private readonly createOne: StatementSync;
  private readonly replaceOne: StatementSync;
  private readonly readOne: StatementSync;
  private readonly readRange: StatementSync;
  private readonly removeOne: StatementSync;
  private readonly readExpired: StatementSync;
  private readonly removeById: StatementSync;

  /** `itemBytesMax`: default 2,000,000. */
  constructor(database: DatabaseSync, options: { readonly itemBytesMax?: number } = {}) {
    super();
    this.itemBytesMax = options.itemBytesMax ?? 2_000_000;
    const prepare = (sql: string) => sqlite('prepare the state', () => database.prepare(sql));
    this.createOne = prepare(createSql);
    this.replaceOne = prepare(replaceSql);
    this.readOne = prepare(readSql);
    this.readRange = prepare(rangeSql);
    this.removeOne = prepare('DELETE FROM items WHERE partition = ? AND sort = ?');
    this.readExpired = prepare('SELECT id, partition, sort FROM items WHERE expires_at < ?');
    this.removeById = prepare('DELETE FROM items WHERE id = ?');
  }

  override async create(key: ItemKey, body: Uint8Array, expiresAt?: number): Promise<boolean> {
    checkKey(key);
    checkBytes('An item', body.length, this.itemBytesMax);
    return sqlite('create an item', () => {
      const expiry = seconds(expiresAt);
      return this.createOne.run(key.partition, key.sort, expiry, body).changes === 1;
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
    return sqlite('replace an item', () => {
      const expiry = seconds(expiresAt);
      const done = this.replaceOne.run(expiry, body, key.partition, key.sort, version);
      return done.changes === 1;
    });
  }

  override async read(key: ItemKey): Promise<Item | null> {
    checkKey(key);
    const row = sqlite('read an item', () => this.readOne.get(key.partition, key.sort));
    return row === undefined ? null : itemOf(row);
  }

  override async range(
    partition: string,
    from: string,
    to: string,
    limit: number,
  ): Promise<Item[]> {
    checkRange(partition, from, to, limit);
    const rows = sqlite('read items', () => this.readRange.all(partition, from, to, limit));
    return rows.map(itemOf);
  }

  override async remove(key: ItemKey): Promise<void> {
    checkKey(key);
    sqlite('remove an item', () => this.removeOne.run(key.partition, key.sort));
  }

  /**
   * Removes the items that expired before `nowSeconds` (epoch), but for those that are still
   * needed; gives their number. Not part of the port.
   */
  sweep(nowSeconds: number, needed: StillNeeded = () => false): number {
    return sqlite('sweep the state', () => {
      let removed = 0;
      for (const { id, partition, sort } of this.readExpired.all(Math.floor(nowSeconds))) {
        if (needed(partition as string, sort as string)) continue;
        removed += Number(this.removeById.run(id as number).changes);
      }
      return removed;
    });
  }
}

function seconds(expiresAt: number | undefined): number | null {
  return expiresAt === undefined ? null : Math.ceil(expiresAt);
}

function itemOf(row: Record<string, unknown>): Item {
  return {
    sort: row['sort'] as string,
    version: row['version'] as string,
    body: row['body'] as Uint8Array,
  };
}
