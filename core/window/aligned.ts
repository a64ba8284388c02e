import type { JsonObject } from '../event.ts';
import type { WindowKind, WindowPlan } from './window.ts';

/** Pages of short panes hold about a minute of them. */
const pageSizeMin = 60_000;

/** What tells windows of equal panes from each other. */
export type AlignedOptions = Pick<
  WindowPlan,
  'kind' | 'paneMax' | 'windowMax' | 'before' | 'after' | 'shape' | 'json'
>;

/** Windows over panes of one length that start at multiples of it from an offset. */
export class Aligned implements WindowPlan {
  readonly kind: WindowKind;
  readonly unit: number;
  readonly origin: number;
  readonly grain: number;
  readonly paneMax: number;
  readonly windowMax: number;
  readonly before: number;
  readonly after: number;
  readonly reach: number;
  readonly shape: JsonObject;
  readonly json: WindowPlan['json'];
  private readonly pageSize: number;

  constructor(pane: number, offset: number, options: AlignedOptions) {
    this.kind = options.kind;
    this.unit = pane;
    this.origin = offset;
    this.grain = pane;
    this.paneMax = options.paneMax;
    this.windowMax = options.windowMax;
    this.before = options.before;
    this.after = options.after;
    this.shape = options.shape;
    this.json = options.json;
    this.pageSize = pane >= pageSizeMin ? pane : pane * Math.floor(pageSizeMin / pane);
    this.reach = this.pageSize + this.before + this.after;
  }

  paneStart(time: number): number {
    return Math.floor((time - this.origin) / this.unit) * this.unit + this.origin;
  }

  paneEnd(start: number): number {
    return start + this.unit;
  }

  deadline(_time: number, start: number): number {
    return start + this.unit;
  }

  pageStart(time: number): number {
    return Math.floor((time - this.origin) / this.pageSize) * this.pageSize + this.origin;
  }

  pageEnd(start: number): number {
    return start + this.pageSize;
  }
}
