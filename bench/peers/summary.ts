import { quantile } from '../figure.ts';
import type { StoreKind } from './design.ts';
import { ours } from './designs.ts';
import type { Outcome } from './run.ts';

/** One design on one store: the median of its runs. */
export interface Summary {
  readonly design: string;
  readonly store: StoreKind;
  /** Events of a record. */
  readonly pack: number;
  readonly events: number;
  readonly runs: number;
  /** CPU time of an event, microseconds. */
  readonly cpuUs: number;
  readonly eventsPerSecondPerCore: number;
  /** How many times as many events/s per core as ours in the same round. */
  readonly ratio: number;
  readonly wallEventsPerSecond: number;
  readonly callsPerThousand: number;
  readonly writeUnitsPerThousand: number;
  readonly storedBytesPerEvent: number;
  readonly peakMB: number;
  readonly heapMB: number;
  /** Records of a thousand that the design had delivered again. */
  readonly againPerThousand: number;
}

type Measured = Omit<Outcome, 'answer'>;

const megabyte = 1_048_576;

/** The medians of rounds, each of which ran everything once, and ours too. */
export function summariesOf(rounds: readonly (readonly Measured[])[]): Summary[] {
  return (rounds[0] ?? []).map((one) => {
    const runs = rounds.map((round) => found(round, one, one.design));
    const median = (figure: (run: Measured) => number): number =>
      rounded(medianOf(runs.map(figure)));
    const ratios = rounds.map((round) => {
      const [run, base] = [found(round, one, one.design), found(round, one, ours)];
      return base.cpuMs / base.events / (run.cpuMs / run.events);
    });
    const { design, store, pack, events } = one;
    return {
      ...{ design, store, pack, events, runs: runs.length },
      cpuUs: median((run) => (run.cpuMs * 1_000) / run.events),
      eventsPerSecondPerCore: median((run) => (run.events * 1_000) / run.cpuMs),
      ratio: rounded(medianOf(ratios)),
      wallEventsPerSecond: median((run) => (run.events * 1_000) / run.wallMs),
      callsPerThousand: median((run) => (run.calls * 1_000) / run.events),
      writeUnitsPerThousand: median((run) => (run.writeUnits * 1_000) / run.events),
      storedBytesPerEvent: median((run) => run.storedBytes / run.events),
      peakMB: median((run) => run.peakBytes / megabyte),
      heapMB: median((run) => run.heapBytes / megabyte),
      againPerThousand: median((run) => (run.again * 1_000) / run.events),
    };
  });
}

/** The run of a design on the same store and records as another. */
function found(round: readonly Measured[], { store, pack }: Measured, design: string): Measured {
  const run = round.find((one) => {
    return one.design === design && one.store === store && one.pack === pack;
  });
  if (run === undefined) throw new Error(`a round without ${design} on ${store}`);
  return run;
}

function medianOf(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Three digits say as much as runs differ. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
