import type { JsonObject } from '../event.ts';

/** Every kind of window. */
export type WindowKind =
  | 'tumbling'
  | 'hopping'
  | 'session'
  | 'days'
  | 'weeks'
  | 'months'
  | 'global';

/**
 * How a view cuts event time, ready to run. Rows are stored by *pane*: pieces of event time side by side, so that
 * each instant is in exactly one. Some windows are panes; others are put together from panes when they are read.
 * Times are epoch milliseconds, lengths milliseconds; an end is the first instant that is no longer in.
 */
export interface WindowPlan {
  readonly kind: WindowKind;
  /** The start of the pane that holds an instant. */
  paneStart(time: number): number;
  /** The end of the pane that starts at an instant. */
  paneEnd(start: number): number;
  /** An event in the pane that starts at `start` is late once the watermark has reached this + allowed lateness. */
  deadline(time: number, start: number): number;
  /** The start of the page that holds the pane of an instant. */
  pageStart(time: number): number;
  /** The end of the page that starts at an instant. */
  pageEnd(start: number): number;
  /** How far beyond an event's time its deadline may be: for that long, and the lateness, a duplicate can count. */
  readonly paneMax: number;
  /** The longest that a window may be. */
  readonly windowMax: number;
  /** Windows that start in [from, to) are made of panes in [from - before, to + after). */
  readonly before: number;
  readonly after: number;
  /** Pages of windows that are kept for `retain` are read for `retain` + this after their start. */
  readonly reach: number;
  /** Every pane starts at a multiple of `unit` from `origin`: how starts are stored. */
  readonly unit: number;
  readonly origin: number;
  /** Stands in the keys of pages: the length of a pane, or about that. */
  readonly grain: number;
  /** What the meaning of stored rows depends on. */
  readonly shape: JsonObject;
  /** How it is told to people and programs. */
  readonly json: JsonObject & { readonly kind: WindowKind };
}
