import { noSuchPartition, notFound } from './conditions.ts';
import { partitionOfKey } from './key-hash.ts';
import { type LogEnd, PartitionLog, type Retention, type StoredEvent } from './partition-log.ts';
import { type ProducerState, Producers } from './producers.ts';
import { Readers } from './readers.ts';

/** What a hub is made with. */
export interface HubOptions {
  readonly partitions: number;
  /** Besides `$Default`, which every hub has. */
  readonly consumerGroups?: readonly string[];
  /** The number of the first event of each partition, default 0. */
  readonly firstSequence?: bigint;
  /** How much each partition keeps; by default everything. */
  readonly retention?: Retention;
}

/** A partition: its events and who writes and reads them. */
export interface Partition {
  readonly id: string;
  readonly log: PartitionLog;
  readonly producers: Producers;
  /** By the name of the consumer group, in lower case. */
  readonly readers: ReadonlyMap<string, Readers>;
}

/** What a partition held when the emulator ended. */
export interface Kept {
  readonly end: LogEnd;
  readonly events: readonly StoredEvent[];
  readonly producers: readonly ProducerState[];
}

/** An event hub. Names of hubs and consumer groups are the same in upper and lower case. */
export class Hub {
  readonly name: string;
  readonly createdAt: number;
  readonly partitions: readonly Partition[];
  private turn = 0;

  constructor(
    name: string,
    { partitions, consumerGroups = [], firstSequence = 0n, retention = {} }: HubOptions,
    now: () => number,
    kept: (partition: string) => Kept | null = () => null,
  ) {
    this.name = name;
    this.createdAt = now();
    const groups = ['$default', ...consumerGroups.map((group) => group.toLowerCase())];
    this.partitions = Array.from({ length: partitions }, (_, index) => {
      const id = String(index);
      const { end, events, producers } = kept(id) ?? newPartition(firstSequence);
      return {
        id,
        log: new PartitionLog(retention, now, end, events),
        producers: new Producers(producers),
        readers: new Map(groups.map((group) => [group, new Readers()])),
      };
    });
  }

  /** @throws Refusal */
  partition(id: string): Partition {
    const found = this.partitions.find((partition) => partition.id === id);
    if (found === undefined) throw noSuchPartition(id, this.partitions.length);
    return found;
  }

  /** The partition of a key or, without one, of the next turn. */
  route(partitionKey: string | null): Partition {
    const { length } = this.partitions;
    const index =
      partitionKey === null ? this.turn++ % length : partitionOfKey(partitionKey, length);
    return this.partitions[index] as Partition;
  }
}

/** What an address names: a hub, one of its partitions, or a consumer group's view of one. */
export interface Place {
  readonly hub: Hub;
  readonly partition: Partition | null;
  readonly readers: Readers | null;
}

const places = /^([^/]+)(?:\/consumergroups\/([^/]+))?(?:\/partitions\/([^/]+))?$/i;

/**
 * Finds the place of an address.
 *
 * @throws Refusal
 */
export function placeOf(address: string, hubs: ReadonlyMap<string, Hub>): Place {
  const path = pathOf(address);
  const [, name = '', group, id] = places.exec(path) ?? [];
  const hub = hubs.get(name.toLowerCase());
  if (hub === undefined) throw notFound(path);
  const partition = id === undefined ? null : hub.partition(id);
  if (group === undefined) return { hub, partition, readers: null };
  const readers = (partition ?? hub.partitions[0])?.readers.get(group.toLowerCase());
  if (readers === undefined || partition === null) throw notFound(path);
  return { hub, partition, readers };
}

/** An address without the `amqps://host/` that some clients put before it. */
export function pathOf(address: string): string {
  return address.replace(/^[a-z]+:\/\/[^/]*\//i, '').replace(/\/$/, '');
}

function newPartition(sequence: bigint): Kept {
  const end = { sequence, offset: 0n, lastOffset: '-1', enqueued: year1 };
  return { end, events: [], producers: [] };
}

/** The time that an empty partition reports as that of its last event: 0001-01-01. */
const year1 = -62_135_596_800_000;
