import type { Offer, ViewName } from './model.ts';

/** A window and what is offered of one key in it. */
export interface ModelWindow {
  readonly start: number;
  readonly end: number;
  readonly offers: readonly Offer[];
}

/** Of other windows than a view's own: so long, or one from a time to another. */
export type Cut = number | { readonly from: number; readonly to: number };

/** The windows of a view that hold offers of one key: loops over whole windows, which know no panes. */
export function windowsOf(
  view: ViewName,
  offers: readonly Offer[],
  cut: Cut | undefined,
): ModelWindow[] {
  if (typeof cut === 'number') return everySlide(offers, cut, cut);
  if (cut !== undefined) {
    const inside = offers.filter(({ event }) => event.at >= cut.from && event.at < cut.to);
    return inside.length === 0 ? [] : [{ start: cut.from, end: cut.to, offers: inside }];
  }
  if (view === 'byKind') return everySlide(offers, 10_000, 10_000);
  if (view === 'byUser') return everySlide(offers, 60_000, 60_000);
  if (view === 'hops') return everySlide(offers, 30_000, 10_000);
  return sessions(offers, 2_000, 10_000);
}

function everySlide(offers: readonly Offer[], size: number, slide: number): ModelWindow[] {
  const windows = new Map<number, Offer[]>();
  for (const offer of offers) {
    const { event } = offer;
    const last = event.at - (event.at % slide);
    for (let start = last; start > event.at - size; start -= slide) {
      const inside = windows.get(start);
      if (inside === undefined) windows.set(start, [offer]);
      else inside.push(offer);
    }
  }
  return [...windows].map(([start, inside]) => ({ start, end: start + size, offers: inside }));
}

/** Events closer than the gap; a chain whose window is over the longest is cut at multiples of that. */
function sessions(offers: readonly Offer[], gap: number, longest: number): ModelWindow[] {
  const windows: ModelWindow[] = [];
  const sorted = [...offers].sort((a, b) => a.event.at - b.event.at);
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
        offers: sorted.slice(from, next),
      });
      from = next;
    }
  }
  return windows;
}

function at(offers: readonly Offer[], index: number): number {
  return (offers[index] as Offer).event.at;
}
