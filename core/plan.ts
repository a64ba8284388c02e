import type { JsonObject, Scalar } from './event.ts';
import type { Get } from './field.ts';
import type { PublishPlan } from './finals/publish-definition.ts';
import type { MeasureOptions, Takes } from './measure/measure.ts';
import type { MeasureKind } from './measure/measures.ts';
import type { WindowPlan } from './window/window.ts';

/** A measure of a view, ready to run. */
export interface MeasurePlan {
  readonly name: string;
  readonly kind: MeasureKind;
  /** The field it reads; null for a count. */
  readonly field: string | null;
  readonly get: Get | null;
  readonly takes: Takes;
  /** The most bytes by which one event makes its column longer, its text aside; `keepsIds`: and its id. */
  readonly eventBytesMax: number;
  readonly keepsIds: boolean;
  /** The names of the numbers of a result that has several; null for one of a single value. */
  readonly members: readonly string[] | null;
  /** Only events whose fields equal these are measured. */
  readonly where: readonly (readonly [field: string, value: Scalar])[];
  readonly options: MeasureOptions;
}

/** A value computed from a row's measures when it is read. */
export interface DerivedPlan {
  readonly name: string;
  readonly kind: 'ratio' | 'per-second';
  /** Names of measures: [over, under] of a ratio, [of] of a rate. */
  readonly of: readonly string[];
}

/** A view, ready to run. Times are milliseconds. */
export interface ViewPlan {
  readonly name: string;
  readonly key: readonly string[];
  /** How many distinct keys one entry may have before the rest share the overflow row; null for any number. */
  readonly keysMax: number | null;
  /** Reads the parts of the key. */
  readonly keyGets: readonly Get[];
  readonly window: WindowPlan;
  readonly lateness: number;
  /** How long after its end a window is kept; null for ever. */
  readonly retain: number | null;
  /** Coarser grains of the same rows, ascending: the same view, each with windows and retention of its own. */
  readonly rollups: readonly ViewPlan[];
  readonly measures: readonly MeasurePlan[];
  readonly derived: readonly DerivedPlan[];
  /** Where its rows are published; null for nowhere. */
  readonly publish: PublishPlan | null;
}

/** A reference table of the transform, ready to be checked and read. */
export interface ReferencePlan {
  readonly name: string;
  /** The field by which rows are found. */
  readonly key: string;
  /** The JSON Schema of a row, as the definition gave it. */
  readonly schema: JsonObject;
  /** True for a row of the schema. */
  check(row: unknown): boolean;
  /** What is wrong with a row, one sentence per failing path. */
  explain(row: unknown): string[];
}

/** What becomes of time when all partitions are idle: it goes on by the clock, or it is held. */
export type Idle = 'clock' | 'hold';

/** A pipeline definition, checked and ready to run. Times are milliseconds. */
export interface Plan {
  readonly name: string;
  /** The JSON Schema of an event, as the definition gave it. */
  readonly schema: JsonObject;
  /** The field that holds the id; null when the id is computed. */
  readonly idField: string | null;
  /** True for an event of the schema. */
  check(event: unknown): boolean;
  /** What is wrong with an event, one sentence per failing path; at most 10. */
  explain(event: unknown): string[];
  /** Id, time and key as the definition reads them; the fold checks what comes out. */
  id(event: JsonObject): unknown;
  time(event: JsonObject): unknown;
  partitionKey(event: JsonObject): unknown;
  /** Over how many sub-keys the events of a partition key are spread; 1 when they are not. */
  readonly spreadOver: number;
  readonly outOfOrder: number;
  readonly futureSkew: number | null;
  /** A partition in which nothing moves its watermark for so long is idle. */
  readonly idleAfter: number;
  /** Whether time goes on when all partitions are idle; null leaves it to the host. */
  readonly idle: Idle | null;
  /** How long ids are remembered in event time; 0 when dedupe is off. */
  readonly horizon: number;
  /** Event time covered by one bucket of ids. */
  readonly bucketSize: number;
  readonly references: readonly ReferencePlan[];
  /** Gets an event and the tables of the references by name. */
  readonly transform: ((event: JsonObject, tables: object) => unknown) | null;
  readonly views: readonly ViewPlan[];
  /** All that the meaning of stored bytes depends on, as canonical JSON. */
  readonly shape: string;
}

/** The grains in which a view is stored, the finest first: its own windows and its rollups. */
export function grainsOf(view: ViewPlan): readonly ViewPlan[] {
  return [view, ...view.rollups];
}

/** The grains of all views, in an order that only another generation changes. */
export function storedGrains({ views }: Pick<Plan, 'views'>): readonly ViewPlan[] {
  return views.flatMap(grainsOf);
}

/** The names under which the values of a measure are asked for, alone: `delay`, or `delay.p50` and `delay.p95`. */
export function pathsOf({ name, members }: MeasurePlan): string[] {
  return members === null ? [name] : members.map((member) => `${name}.${member}`);
}

/** The start of the span that holds an instant, of spans of one size side by side since 1970-01-01 UTC. */
export function windowStart(time: number, size: number): number {
  return Math.floor(time / size) * size;
}
