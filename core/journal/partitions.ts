import { MillraceError } from '../errors.ts';
import { timeMax, timeMin } from '../event.ts';
import { nameOf, open, seal } from './envelope.ts';
import type { Journal } from './journal.ts';
import { journalPartition, partitionsKey, streamPartition } from './keys.ts';

/** The one item per pipeline and generation by which readers list partitions. Written only conditionally. */
export interface Partitions {
  /** Partitions that may still get events. */
  readonly active: readonly string[];
  /** All that ever were: the platform forgets closed ones, their rows stay. */
  readonly everSeen: readonly string[];
  /** Event time up to which nothing more is counted, epoch milliseconds. */
  readonly finalTo: number;
  /** What `finalTo` was when partitions were last added. Once it is raised, each of them has begun. */
  readonly finalWhenListed: number;
  /** The plan's shape: what the stored bytes mean. */
  readonly shape: string;
}

interface Versioned {
  readonly value: Partitions;
  readonly version: string;
}

const utf8 = new TextEncoder();
const text8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The partitions of a journal; null when it holds nothing yet.
 *
 * @throws MillraceError `definition` when the journal was written with another definition.
 */
export async function readPartitions(journal: Journal): Promise<Partitions | null> {
  return (await readVersioned(journal))?.value ?? null;
}

async function readVersioned({ store, scope, plan }: Journal): Promise<Versioned | null> {
  const key = partitionsKey(scope);
  const item = await store.read(key);
  if (item === null) return null;
  const value: Partitions = JSON.parse(text8.decode(open('partitions', key, item.body)));
  if (value.shape !== plan.shape) {
    throw new MillraceError(
      'definition',
      `pipeline '${plan.name}' is not the one whose state is stored as ${nameOf(key)}: its views, ` +
        'keys, windows, measures or dedupe horizon have changed. Give it a new name or generation, ' +
        `or start over with an empty store.\n  stored: ${value.shape}\n  now:    ${plan.shape}`,
    );
  }
  return { value, version: item.version };
}

/** Changes the item until `change` has nothing more to do (null) or its write wins. */
async function update(
  journal: Journal,
  change: (now: Partitions) => Partitions | null,
): Promise<Partitions> {
  const { store, scope, plan } = journal;
  const key = partitionsKey(scope);
  for (;;) {
    const now = await readVersioned(journal);
    const never = { finalTo: timeMin, finalWhenListed: timeMin };
    const empty = { active: [], everSeen: [], ...never, shape: plan.shape };
    const next = change(now?.value ?? empty);
    if (next === null) return now?.value ?? empty;
    const body = seal('partitions', key, utf8.encode(JSON.stringify(next)));
    const won = now ? await store.replace(key, body, now.version) : await store.create(key, body);
    if (won) return next;
  }
}

/**
 * How often a partition's stream was made anew, as far as the list knows; its positions start over with each epoch.
 */
export function epochOf(partitions: Partitions | null, partition: string): number {
  const epochs = (partitions?.everSeen ?? [])
    .map(streamPartition)
    .filter((one) => one.partition === partition)
    .map(({ epoch }) => epoch);
  return Math.max(0, ...epochs);
}

/**
 * Lists partitions under the name of an epoch, so that readers find them before their first entries are there, in
 * place of those that they came from. Nothing more comes under these names nor those of earlier epochs; what they
 * hold stays.
 */
export function addPartitions(
  journal: Journal,
  partitions: readonly string[],
  epoch: number,
  parents: readonly string[] = [],
): Promise<Partitions> {
  return update(journal, (now) => {
    const names = partitions
      .map((partition) => journalPartition(partition, epoch))
      .filter((name) => !now.everSeen.includes(name));
    if (names.length === 0) return null;
    const ended = [...names.map((name) => streamPartition(name).partition), ...parents];
    const others = now.active.filter((one) => !ended.includes(streamPartition(one).partition));
    return {
      ...now,
      finalWhenListed: now.finalTo,
      active: [...others, ...names].sort(),
      everSeen: [...now.everSeen, ...names].sort(),
    };
  });
}

/** The item as it is now, and what raises `finalTo` in it; null when the journal holds nothing yet. */
export async function readFinality(journal: Journal): Promise<{
  readonly partitions: Partitions;
  /** False if the item has changed since it was read: the set of partitions may be another one. */
  readonly raise: (finalTo: number) => Promise<boolean>;
} | null> {
  const now = await readVersioned(journal);
  if (now === null) return null;
  const key = partitionsKey(journal.scope);
  const raise = (finalTo: number): Promise<boolean> => {
    const body = seal('partitions', key, utf8.encode(JSON.stringify({ ...now.value, finalTo })));
    return journal.store.replace(key, body, now.version);
  };
  return { partitions: now.value, raise };
}

/** Declares that the stream has ended: every row is final. */
export function endStream(journal: Journal): Promise<Partitions> {
  return update(journal, (now) => (now.finalTo === timeMax ? null : { ...now, finalTo: timeMax }));
}
