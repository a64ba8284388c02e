import { notFound, ServiceError } from './service-error.ts';
import { type HashRange, Shard } from './shard.ts';

/** What a stream is called in messages; there is one account. */
export const account = '000000000000';

/** How a stream begins. */
export interface StreamStart {
  readonly name: string;
  readonly mode: 'PROVISIONED' | 'ON_DEMAND';
  readonly shards: number;
  readonly recordKibibytesMax: number;
  /** Epoch milliseconds. */
  readonly created: number;
}

type Status = 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING';

const hashKeys = 1n << 128n;

/** A stream: its shards, those that were closed included until their records are gone. */
export class Stream {
  readonly start: StreamStart;
  retentionHours = 24;
  /** The index of the next record; the start of each shard has index 0. */
  private nextIndex = 1;
  private numbered = 0;
  private shardList: Shard[] = [];
  private change: { readonly status: Status; readonly at: number; apply(): void } | null = null;

  constructor(start: StreamStart) {
    this.start = start;
    const width = hashKeys / BigInt(start.shards);
    const created = Math.floor(start.created / 1_000);
    for (let i = 0n; i < start.shards; i += 1n) {
      const last = i + 1n === BigInt(start.shards) ? hashKeys : (i + 1n) * width;
      this.open({ first: i * width, last: last - 1n }, [], start.created, created);
    }
  }

  /** In the order of their numbers. */
  get shards(): readonly Shard[] {
    return this.shardList;
  }

  get status(): Status {
    return this.change?.status ?? 'ACTIVE';
  }

  /** `Stream <name> under account <account>`, as the service's messages begin. */
  get title(): string {
    return `Stream ${this.start.name} under account ${account}`;
  }

  /**
   * Changes it after some time; until then it is in a status that says so.
   *
   * @throws ServiceError ResourceInUseException while it changes already.
   */
  changeAt(at: number, status: Status, apply: () => void): void {
    if (this.status !== 'ACTIVE') {
      const message = `${this.title} not ACTIVE, instead in state ${this.status}`;
      throw new ServiceError('ResourceInUseException', message);
    }
    this.change = { at, status, apply };
  }

  /** Lets happen what is due: a change, and the end of records and closed shards that retention no longer keeps. */
  settle(now: number): void {
    if (this.change !== null && this.change.at <= now) {
      const { apply } = this.change;
      this.change = null;
      apply();
    }
    const horizon = this.horizon(now);
    for (const shard of this.shardList) shard.expire(horizon);
    if (this.shardList.some(({ end }) => end !== null && end.closed < horizon)) {
      this.shardList = this.shardList.filter(({ end }) => end === null || end.closed >= horizon);
    }
  }

  /** The time of the oldest record that retention keeps. */
  horizon(now: number): number {
    return now - this.retentionHours * 3_600_000;
  }

  /**
   * A shard by its id.
   *
   * @throws ServiceError ResourceNotFoundException.
   */
  shard(id: string): Shard {
    const found = this.shardList.find((shard) => shard.id === id);
    if (found !== undefined) return found;
    const { name } = this.start;
    throw notFound(`Shard ${id} in stream ${name} under account ${account} does not exist`);
  }

  /** The open shard that a hash key belongs to. */
  shardOf(hash: bigint): Shard {
    return this.shardList.find((shard) => shard.end === null && shard.holds(hash)) as Shard;
  }

  /** Keeps a record in a shard; gives its sequence number. */
  append(shard: Shard, now: number, key: string, data: string, bytes: number): string {
    const index = this.nextIndex;
    this.nextIndex += 1;
    return shard.append(index, now, key, data, bytes);
  }

  /** Closes shards and opens others in their place, whose sequence numbers are all higher. */
  replace(parents: readonly Shard[], ranges: readonly HashRange[], now: number): void {
    const created = Math.max(...parents.map(({ start }) => start.created), Math.floor(now / 1_000));
    for (const parent of parents) parent.close(now);
    const ids = parents.map(({ id }) => id);
    for (const range of ranges) this.open(range, ids, now, created + 1);
  }

  private open(range: HashRange, parents: readonly string[], opened: number, created: number) {
    this.shardList.push(new Shard({ number: this.numbered, range, parents, opened, created }));
    this.numbered += 1;
  }
}
