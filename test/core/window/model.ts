import { definePipeline, global, hopping, type Pipeline, session, tumbling } from 'millrace';
import { Type } from 'typebox';
import { eventTimeMin, timeMax } from '../../../core/event.ts';

/** An event of the tests of windows. */
export interface Visit {
  readonly id: string;
  readonly at: number;
  readonly who: string;
  readonly n: number;
}

/** A row as a plain computation gives it. */
export interface PlainRow {
  readonly start: number;
  readonly end: number;
  readonly who: string | null;
  readonly visits: number;
  readonly total: number;
  readonly least: number;
}

/** Views that differ in their windows only; lateness as given. */
export function visitsPipeline(lateness: '0s' | '20s' | '10m'): Pipeline {
  return definePipeline({
    name: 'visits',
    schema: Type.Object({
      ...{ id: Type.String(), at: Type.Integer(), who: Type.String(), n: Type.Integer() },
    }),
    ...{ id: 'id', time: 'at', partitionKey: 'who', dedupe: 'off' },
    views: (on) => {
      const measures = { visits: on.count(), total: on.sum('n'), least: on.min('n') };
      const key = ['who'] as const;
      return {
        shifted: on.view({ key, lateness, measures, window: tumbling('20s', { offset: '7s' }) }),
        hops: on.view({
          ...{ key, lateness, measures },
          window: hopping({ size: '35s', slide: '5s', offset: '2s' }),
        }),
        stays: on.view({
          ...{ key, lateness, measures },
          window: session({ gap: '5s', longest: '30s' }),
        }),
        together: on.view({
          ...{ key: [], lateness, measures },
          window: session({ gap: '3s', longest: '12s' }),
        }),
        ever: on.view({ key, measures, window: global() }),
      };
    },
  });
}

/** The names of the views. */
export const viewNames = ['shifted', 'hops', 'stays', 'together', 'ever'] as const;

/** One of the views. */
export type ViewName = (typeof viewNames)[number];

/** The rows of a view over a set of events, by start and key: plain loops that know no panes. */
export function plainRows(view: ViewName, visits: readonly Visit[]): PlainRow[] {
  const groups = new Map<string, Visit[]>();
  for (const visit of visits) {
    const who = view === 'together' ? '' : visit.who;
    groups.set(who, [...(groups.get(who) ?? []), visit]);
  }
  const rows = [...groups].flatMap(([who, group]) =>
    windowsOf(view, group).map(({ start, end, visits: inside }): PlainRow => {
      const numbers = inside.map(({ n }) => n);
      return {
        ...{ start, end, who: view === 'together' ? null : who, visits: inside.length },
        total: numbers.reduce((sum, n) => sum + n, 0),
        least: Math.min(...numbers),
      };
    }),
  );
  return rows.sort((a, b) => a.start - b.start || (String(a.who) < String(b.who) ? -1 : 1));
}

interface PlainWindow {
  readonly start: number;
  readonly end: number;
  readonly visits: readonly Visit[];
}

function windowsOf(view: ViewName, visits: readonly Visit[]): PlainWindow[] {
  if (view === 'shifted') return equalWindows(visits, 20_000, 20_000, 7_000);
  if (view === 'hops') return equalWindows(visits, 35_000, 5_000, 2_000);
  if (view === 'stays') return sessionsOf(visits, 5_000, 30_000);
  if (view === 'together') return sessionsOf(visits, 3_000, 12_000);
  return [{ start: eventTimeMin, end: timeMax, visits }];
}

/** Every window that starts at a multiple of `slide` behind `offset` and holds an event. */
function equalWindows(
  visits: readonly Visit[],
  size: number,
  slide: number,
  offset: number,
): PlainWindow[] {
  const windows: PlainWindow[] = [];
  const times = visits.map(({ at }) => at);
  const from = Math.floor((Math.min(...times) - size) / slide) * slide + offset;
  for (let start = from; start <= Math.max(...times); start += slide) {
    const end = start + size;
    const inside = visits.filter(({ at }) => at >= start && at < end);
    if (inside.length > 0) windows.push({ start, end, visits: inside });
  }
  return windows;
}

/** Chains of events closer than the gap; those with a window over `longest` are cut at its multiples. */
function sessionsOf(visits: readonly Visit[], gap: number, longest: number): PlainWindow[] {
  const chains: Visit[][] = [];
  for (const visit of [...visits].sort((a, b) => a.at - b.at)) {
    const chain = chains.at(-1);
    if (chain && visit.at - chain.at(-1)!.at < gap) chain.push(visit);
    else chains.push([visit]);
  }
  return chains.flatMap((chain) => {
    const [start, end] = [chain[0]!.at, chain.at(-1)!.at + gap];
    if (end - start <= longest) return [{ start, end, visits: chain }];
    const pieces = Map.groupBy(chain, ({ at }) => Math.floor(at / longest));
    return [...pieces].map(([piece, inside]) => ({
      start: inside[0]!.at,
      end: Math.min(inside.at(-1)!.at + gap, (piece + 1) * longest),
      visits: inside,
    }));
  });
}
