import type { SimEvent } from './log.ts';
import type { ViewName } from './model.ts';

/** A window and the events of one key in it. */
export interface ModelWindow {
  readonly start: number;
  readonly end: number;
  readonly events: readonly SimEvent[];
}

/** The windows of a view that hold events of one key: loops over whole windows, which know no panes. */
export function windowsOf(view: ViewName, events: readonly SimEvent[]): ModelWindow[] {
  if (view === 'byKind') return everySlide(events, 10_000, 10_000);
  if (view === 'byUser') return everySlide(events, 60_000, 60_000);
  if (view === 'hops') return everySlide(events, 30_000, 10_000);
  return sessions(events, 2_000, 10_000);
}

function everySlide(events: readonly SimEvent[], size: number, slide: number): ModelWindow[] {
  const windows = new Map<number, SimEvent[]>();
  for (const event of events) {
    const last = event.at - (event.at % slide);
    for (let start = last; start > event.at - size; start -= slide) {
      const inside = windows.get(start);
      if (inside === undefined) windows.set(start, [event]);
      else inside.push(event);
    }
  }
  return [...windows].map(([start, inside]) => ({ start, end: start + size, events: inside }));
}

/** Events closer than the gap; a chain whose window is over the longest is cut at multiples of that. */
function sessions(events: readonly SimEvent[], gap: number, longest: number): ModelWindow[] {
  const windows: ModelWindow[] = [];
  const sorted = [...events].sort((a, b) => a.at - b.at);
  for (let from = 0; from < sorted.length; ) {
    let to = from + 1;
    while (to < sorted.length && at(sorted, to) - at(sorted, to - 1) < gap) to += 1;
    const isCut = at(sorted, to - 1) + gap - at(sorted, from) > longest;
    while (from < to) {
      const cut = Math.floor(at(sorted, from) / longest + 1) * longest;
      let next = from + 1;
      while (next < to && (!isCut || at(sorted, next) < cut)) next += 1;
      const end = at(sorted, next - 1) + gap;
      windows.push({
        start: at(sorted, from),
        end: isCut ? Math.min(end, cut) : end,
        events: sorted.slice(from, next),
      });
      from = next;
    }
  }
  return windows;
}

function at(events: readonly SimEvent[], index: number): number {
  return (events[index] as SimEvent).at;
}
