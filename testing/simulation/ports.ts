import type { StreamRecord } from '../../core/event.ts';
import { Clock } from '../../core/ports/clock.ts';
import { type Message, MessageQueue } from '../../core/ports/message-queue.ts';
import { ObjectStore } from '../../core/ports/object-store.ts';
import { type Item, type ItemKey, StateStore } from '../../core/ports/state-store.ts';
import {
  type Bounds,
  type PartitionInfo,
  type StreamRead,
  StreamReader,
} from '../../core/ports/stream-reader.ts';
import type { Random } from './random.ts';
import type { Actor, Scheduler } from './scheduler.ts';
import type { Sight, Vault } from './vault.ts';

/** One partition of a stream. */
export interface StreamLog {
  /** The partitions that were split or merged into this one. */
  readonly parents: readonly number[];
  readonly records: readonly StreamRecord[];
}

/** How reads of one actor may be behind. */
export type Freshness = 'strong' | 'session' | 'eventual';

/** What a store tells of itself. */
export interface Watcher {
  readonly scheduler: Scheduler;
  readonly vault: Vault;
  /** How far back a read of this actor may go now: a number of writes, by chance. */
  lag(actor: Actor): number;
  freshness(actor: Actor): Freshness;
  /** After a write; `won` false for a lost condition. */
  wrote(actor: Actor, key: ItemKey, body: Uint8Array, won: boolean): void;
  /** After a read that showed less than there is. */
  stale(actor: Actor): void;
  /** After any read. */
  looked(actor: Actor, partition: string, sort: string): void;
  readonly torn: Sight['torn'];
}

/** A state store as one actor sees it: it remembers what it has read and written in each partition key. */
export class SimStateStore extends StateStore {
  override readonly itemBytesMax = 1_000_000;
  private readonly actor: Actor;
  private readonly watcher: Watcher;
  private readonly tokens = new Map<string, number>();

  constructor(actor: Actor, watcher: Watcher) {
    super();
    this.actor = actor;
    this.watcher = watcher;
  }

  private act<T>(what: string, key: ItemKey, writes: boolean, run: () => T): Promise<T> {
    const text = `${what} ${key.partition} ${key.sort}`;
    return this.watcher.scheduler.call(this.actor, 'store', text, run, { writes });
  }

  override create(key: ItemKey, body: Uint8Array, expiresAt?: number): Promise<boolean> {
    return this.act('create', key, true, () => {
      const won = this.watcher.vault.shelf(key.partition).newest(key.sort) === null;
      return this.write(key, body, expiresAt, won);
    });
  }

  override replace(
    key: ItemKey,
    body: Uint8Array,
    version: string,
    expiresAt?: number,
  ): Promise<boolean> {
    return this.act('replace', key, true, () => {
      const newest = this.watcher.vault.shelf(key.partition).newest(key.sort);
      return this.write(key, body, expiresAt, newest?.version === version);
    });
  }

  private write(
    key: ItemKey,
    body: Uint8Array,
    expiresAt: number | undefined,
    won: boolean,
  ): boolean {
    const { vault } = this.watcher;
    if (won) {
      const shelf = vault.shelf(key.partition);
      shelf.put(key.sort, vault.version(), body, expiresAt ?? Number.POSITIVE_INFINITY);
      this.tokens.set(key.partition, shelf.seq);
    }
    this.watcher.wrote(this.actor, key, body, won);
    return won;
  }

  override read(key: ItemKey): Promise<Item | null> {
    return this.act('read', key, false, () =>
      this.watcher.vault.shelf(key.partition).read(key.sort, this.sight(key)),
    );
  }

  override range(partition: string, from: string, to: string, limit: number): Promise<Item[]> {
    const key = { partition, sort: from };
    return this.act('range', key, false, () =>
      this.watcher.vault.shelf(partition).range(from, to, limit, this.sight(key)),
    );
  }

  /** What this read may show, and from now on every later one of this actor must. */
  private sight({ partition, sort }: ItemKey): Sight {
    const { watcher, actor } = this;
    const shelf = watcher.vault.shelf(partition);
    const freshness = watcher.freshness(actor);
    const lag = freshness === 'strong' ? 0 : watcher.lag(actor);
    const least = freshness === 'session' ? (this.tokens.get(partition) ?? 0) : 0;
    const seq = Math.max(shelf.floor, least, shelf.seq - lag);
    if (seq < shelf.seq) watcher.stale(actor);
    watcher.looked(actor, partition, sort);
    this.tokens.set(partition, Math.max(this.tokens.get(partition) ?? 0, seq));
    return { seq, torn: freshness === 'eventual' ? watcher.torn : null };
  }

  override remove(key: ItemKey): Promise<void> {
    return this.act('remove', key, true, () => {
      const { vault } = this.watcher;
      vault.shelf(key.partition).put(key.sort, vault.version(), null, 0);
    });
  }
}

/** An object store as one actor sees it. */
export class SimObjectStore extends ObjectStore {
  override readonly objectBytesMax = 1_000_000;
  private readonly actor: Actor;
  private readonly watcher: Watcher;

  constructor(actor: Actor, watcher: Watcher) {
    super();
    this.actor = actor;
    this.watcher = watcher;
  }

  /** The hash in a name depends on stack traces, so a trace must not hold it. */
  private act<T>(what: string, name: string, writes: boolean, run: () => T): Promise<T> {
    const text = `${what} ${name.replace(/[-/][0-9a-f]{16}$/, '')}`;
    return this.watcher.scheduler.call(this.actor, 'objects', text, run, { writes });
  }

  override put(name: string, bytes: Uint8Array): Promise<void> {
    return this.act('put', name, true, () => {
      this.watcher.vault.objects.set(name, bytes);
    });
  }

  override get(name: string): Promise<Uint8Array | null> {
    return this.act('get', name, false, () => this.watcher.vault.objects.get(name) ?? null);
  }

  override list(prefix: string, after: string, limit: number): Promise<string[]> {
    return this.act('list', prefix, false, () =>
      [...this.watcher.vault.objects.keys()]
        .filter((name) => name.startsWith(prefix) && name > after)
        .sort()
        .slice(0, limit),
    );
  }

  override remove(name: string): Promise<void> {
    return this.act('remove', name, true, () => {
      this.watcher.vault.objects.delete(name);
    });
  }
}

/** A queue that only takes. */
export class SimMessageQueue extends MessageQueue {
  override readonly messageBytesMax = 60_000;
  private readonly actor: Actor;
  private readonly watcher: Watcher;

  constructor(actor: Actor, watcher: Watcher) {
    super();
    this.actor = actor;
    this.watcher = watcher;
  }

  override send(body: string): Promise<void> {
    const run = (): void => {
      this.watcher.vault.messages.push(body);
    };
    return this.watcher.scheduler.call(this.actor, 'queue', 'send', run, { writes: true });
  }

  override async receive(): Promise<Message[]> {
    return [];
  }

  override async remove(): Promise<void> {}
}

/** Virtual time with the skew of one actor. */
export class SimClock extends Clock {
  private readonly actor: Actor;
  private readonly scheduler: Scheduler;

  constructor(actor: Actor, scheduler: Scheduler) {
    super();
    this.actor = actor;
    this.scheduler = scheduler;
  }

  override now(): number {
    return this.scheduler.now + this.actor.skew;
  }

  override sleep(ms: number): Promise<void> {
    const { scheduler } = this;
    const until = scheduler.now + ms;
    return scheduler.call(this.actor, 'clock', 'sleep', () => {
      scheduler.now = Math.max(scheduler.now, until);
    });
  }
}

/** What a stream is made of. */
export interface StreamWorld {
  readonly scheduler: Scheduler;
  readonly setup: {
    /** Whether positions have no gaps; then the platform may skip batches, as it does after a failed invocation. */
    readonly contiguous: boolean;
    readonly logs: readonly StreamLog[];
  };
  readonly random: Random;
}

/** The logs as a stream; a read may be short. */
export class SimStreamReader extends StreamReader {
  override readonly contiguous: boolean;
  private readonly actor: Actor;
  private readonly scheduler: Scheduler;
  private readonly logs: readonly StreamLog[];
  private readonly short: () => boolean;

  constructor(actor: Actor, { scheduler, setup, random }: StreamWorld) {
    super();
    this.contiguous = setup.contiguous;
    this.actor = actor;
    this.scheduler = scheduler;
    this.logs = setup.logs;
    this.short = () => random.chance(0.2);
  }

  override async partitions(): Promise<PartitionInfo[]> {
    return this.logs.map(({ parents }, index) => ({
      id: String(index),
      parents: parents.map(String),
    }));
  }

  override bounds(partition: string): Promise<Bounds> {
    return this.scheduler.call(this.actor, 'stream', `bounds ${partition}`, () => {
      const { records } = this.logs[Number(partition)] as StreamLog;
      const earliest = records[0]?.position ?? 0n;
      return { earliest, latest: records.at(-1)?.position ?? earliest - 1n };
    });
  }

  override read(partition: string, from: bigint, limit: number): Promise<StreamRead> {
    return this.scheduler.call(this.actor, 'stream', `read ${partition} ${from}`, () => {
      const { records } = this.logs[Number(partition)] as StreamLog;
      const left = records.filter(({ position }) => position >= from);
      const given = left.slice(0, this.short() ? limit % 2 : limit);
      const caughtUp = given.length === left.length;
      const hasChildren = this.logs.some(({ parents }) => parents.includes(Number(partition)));
      return { records: given, caughtUp, ended: caughtUp && hasChildren };
    });
  }
}
