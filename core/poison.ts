import { MillraceError } from './errors.ts';
import type { DeadReason } from './event.ts';
import type { DeadLetterJson } from './fold/kept.ts';
import { nameOf, open, seal } from './journal/envelope.ts';
import { deadIndexRange, deadIndexSort, partitionKeyOf } from './journal/keys.ts';
import type { DeadLetterNotice } from './notice.ts';
import type { ItemKey } from './ports/state-store.ts';
import type { Telemetry } from './ports/telemetry.ts';
import { keptLines } from './query/kept.ts';
import type { PageContext } from './view/page.ts';

/** How many dead letters there are of each reason. */
export type Reasons = Readonly<Partial<Record<DeadReason, number>>>;

/** The dead letters of a thousand entries: their reasons by entry, so a repeated notice adds nothing. */
type DeadIndex = Readonly<Record<string, Reasons>>;

const hashDigits = 16;
const rangeItems = 256;
const countedEntries = 100_000;
const racesMax = 20;
const utf8 = new TextEncoder();
const text8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Takes a notice about dead letters: looks into their object and adds them to the index. A notice
 * may come any number of times.
 *
 * @throws MillraceError `request` for a message that is no notice of these journals; `missing` or `damaged` when
 * the object is not there or is not what was written; what the stores throw. Whoever calls delivers it again.
 */
export async function indexNotice(
  journals: readonly PageContext[],
  telemetry: Telemetry,
  message: string,
): Promise<void> {
  const notice = noticeOf(message);
  const journal = journals.find(({ scope }) => scope.pipeline === notice.pipeline);
  if (journal === undefined) throw refused(`there is no pipeline '${notice.pipeline}' here`);
  const { partition, entry, object } = notice;
  const hash = object.slice(-hashDigits);
  const lines = await keptLines(journal, partition, '_dead', entry, { hash });
  const reasons: Partial<Record<DeadReason, number>> = {};
  for (const line of lines) {
    const { reason }: DeadLetterJson = JSON.parse(line);
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
  if (!(await addToIndex(journal, partition, entry, reasons))) return;
  for (const [reason, count] of Object.entries(reasons)) {
    telemetry.count('dead_letters', count, { pipeline: notice.pipeline, reason });
  }
}

/** The reasons of the indexed dead letters in the last hundred thousand entries of each partition. */
export async function deadReasons(
  { store, scope }: PageContext,
  partitions: readonly { readonly partition: string; readonly index: number }[],
): Promise<Reasons> {
  const [, end] = deadIndexRange;
  const lists = await Promise.all(
    partitions.map(async ({ partition: name, index }) => {
      const partition = partitionKeyOf(scope, name);
      const from = deadIndexSort(Math.max(0, index - countedEntries));
      const items = await store.range(partition, from, end, rangeItems);
      return items.map(({ sort, body }) => decodeIndex({ partition, sort }, body));
    }),
  );
  const sum: Partial<Record<DeadReason, number>> = {};
  for (const [reason, count] of lists.flat().flatMap(Object.values).flatMap(Object.entries)) {
    sum[reason as DeadReason] = (sum[reason as DeadReason] ?? 0) + (count as number);
  }
  return sum;
}

/** Whether an entry's dead letters are in the index. */
export async function isIndexed(
  { store, scope }: PageContext,
  partition: string,
  entry: number,
): Promise<boolean> {
  const key = { partition: partitionKeyOf(scope, partition), sort: deadIndexSort(entry) };
  const item = await store.read(key);
  return item !== null && decodeIndex(key, item.body)[entry] !== undefined;
}

/** Whether the entry was not yet in the index. */
async function addToIndex(
  { store, scope }: PageContext,
  partition: string,
  entry: number,
  reasons: Reasons,
): Promise<boolean> {
  const key = { partition: partitionKeyOf(scope, partition), sort: deadIndexSort(entry) };
  for (let lost = 0; ; lost += 1) {
    const item = await store.read(key);
    const index = item ? decodeIndex(key, item.body) : {};
    if (index[entry] !== undefined) return false;
    const body = seal('index', key, utf8.encode(JSON.stringify({ ...index, [entry]: reasons })));
    const won = item ? await store.replace(key, body, item.version) : await store.create(key, body);
    if (won) return true;
    if (lost === racesMax) {
      throw new MillraceError('unavailable', `${nameOf(key)}: others were first too often`);
    }
  }
}

function decodeIndex(key: ItemKey, body: Uint8Array): DeadIndex {
  return JSON.parse(text8.decode(open('index', key, body)));
}

function noticeOf(message: string): DeadLetterNotice['deadLetters'] {
  let value: { readonly deadLetters?: Partial<DeadLetterNotice['deadLetters']> } | null;
  try {
    value = JSON.parse(message);
  } catch (cause) {
    throw refused('it is not JSON', cause);
  }
  const { pipeline, partition, entry, object } = value?.deadLetters ?? {};
  if (
    typeof pipeline !== 'string' ||
    typeof partition !== 'string' ||
    !Number.isSafeInteger(entry) ||
    typeof object !== 'string'
  ) {
    throw refused('its members are not those of a notice');
  }
  return value?.deadLetters as DeadLetterNotice['deadLetters'];
}

function refused(why: string, cause?: unknown): MillraceError {
  const text = `a message that is no notice of dead letters: ${why}`;
  return new MillraceError('request', text, { cause, problems: [text] });
}
