import type { Context, KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import type { Answer } from './answer.ts';
import type { Listening } from './emulators.ts';

/** Where a design keeps its state. */
export type StoreKind = 'memory' | 'dynalite';

/** What a design is started with. */
export interface Setting {
  readonly store: StoreKind;
  /** Events of a record. */
  readonly pack: number;
  /** Of the emulators; none in memory. */
  readonly endpoints: Listening | null;
  /** Tells the tables of one start from those of another. */
  readonly name: string;
}

/** A design at work. */
export interface Started {
  /** As Lambda calls it: records whose numbers it answers are delivered again, with all behind them. */
  readonly handler: (
    event: KinesisStreamEvent,
    context: Context,
  ) => Promise<KinesisStreamBatchResponse | undefined>;
  /** Reads everything back from its store. */
  readonly answer: () => Promise<Answer>;
}

/** Makes a design ready: tables, clients, pipelines. */
export type Start = (setting: Setting) => Promise<Started>;

/** Calls that a design has under way at once. */
export const callsAtOnce = 50;

/** Calls `act` for each of the items, so many at once. */
export async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) {
      const item = items[next] as T;
      next += 1;
      await act(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work));
}
