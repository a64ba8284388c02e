import type { Start, StoreKind } from './design.ts';

/** A design of the comparison. */
export interface Design {
  /** How it is named on the command line. */
  readonly name: string;
  /** How it is named in the tables. */
  readonly title: string;
  /** Where it stands; those in `installed` need the packages of this folder. */
  readonly file: string;
  /** How many events it gets of each store, at most; none of those that it can't use. */
  readonly events: Readonly<Partial<Record<StoreKind, number>>>;
  /** Whether it can take many events from a record. */
  readonly packs: boolean;
  /** The packages whose versions count. */
  readonly packages: readonly string[];
  readonly gives: string;
  readonly lacks: string;
}

/** The first of all, against which every other answer and time is held. */
export const ours = 'millrace';

const many = 128_000;
/** Where each event is a call or more, the emulator is what takes the time. */
const few = 2_000;

/** All designs, in the order of the tables. */
export const designs: readonly Design[] = [
  {
    ...{ name: ours, title: 'Millrace', file: 'designs/ours.ts', packs: true, packages: [] },
    events: { memory: many, dynalite: many },
    gives:
      'each record once under crashes, redelivery and several processors; late events, final rows, dead letters kept',
    lacks: 'ids are known within one partition key; rows are read through its query, not by a get',
  },
  {
    ...{ name: 'hand-loop', title: 'loop by hand', file: 'designs/hand-loop.ts', packs: true },
    ...{ packages: [], events: { memory: many } },
    gives: 'the same answer as long as the process lives; the least code',
    lacks: 'a crash loses everything; ids are kept for ever',
  },
  {
    ...{ name: 'rxjs', title: 'RxJS', file: 'installed/rxjs.ts', packs: true },
    ...{ packages: ['rxjs'], events: { memory: many } },
    gives: 'the same answer as long as the process lives; operators to compose',
    lacks: 'a crash loses everything; ids and groups are kept for ever',
  },
  {
    ...{ name: 'put-per-id', title: 'put per id, update per key', file: 'designs/put-per-id.ts' },
    ...{ packs: true, packages: ['@aws-sdk/client-dynamodb'] },
    events: { memory: many, dynalite: few },
    gives: 'ids are known across partitions; rows are items, read by a get and up to date at once',
    lacks: 'a crash between the put and the update loses events; no lateness, no final rows',
  },
  {
    ...{ name: 'powertools', title: 'Powertools batch and idempotency', packs: false },
    file: 'installed/powertools.ts',
    packages: ['@aws-lambda-powertools/batch', '@aws-lambda-powertools/idempotency'],
    events: { memory: many, dynalite: few },
    gives: 'ids are known across partitions; any code by event; rows are items, up to date at once',
    lacks:
      'a crash between the update and its record counts an event twice; no lateness, no final rows',
  },
  {
    ...{ name: 'lambda-stream', title: 'aws-lambda-stream', file: 'installed/lambda-stream.ts' },
    ...{ packs: false, packages: ['aws-lambda-stream'] },
    events: { memory: many, dynalite: few },
    gives: 'as put per id; faults as events, pipelines side by side',
    lacks: 'as put per id',
  },
];

/** Loads what starts a design. */
export async function startOf({ file }: Design): Promise<Start> {
  // A path that is computed: the packages behind it may not be there when types are checked.
  const path: string = new URL(file, import.meta.url).href;
  const { start } = (await import(path)) as { start: Start };
  return start;
}
