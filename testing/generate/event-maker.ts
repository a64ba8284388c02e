import { MillraceError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/event.ts';
import type { Plan } from '../../core/plan.ts';
import { parseRfc3339 } from '../../core/schema/rfc3339.ts';
import type { Random } from '../simulation/random.ts';
import { sampleOf } from './json-value.ts';

type Path = readonly (string | number)[];
type Leaves = Record<string | number, unknown>;

/** How a time may stand in an event. */
const encodings: readonly ((ms: number) => unknown)[] = [
  (ms) => new Date(ms).toISOString(),
  (ms) => ms,
  (ms) => Math.floor(ms / 1000),
];
const triesMax = 200;

/** Makes events of a pipeline's schema, with ids and times as asked where it can be found out where they stand. */
export class EventMaker {
  private readonly plan: Plan;
  private made = 0;

  constructor(plan: Plan) {
    this.plan = plan;
  }

  /**
   * An event that happened at a time, with an id of its own.
   *
   * @throws MillraceError `request` when nothing that is made fits the schema.
   */
  make(random: Random, time: number): JsonObject {
    for (let tries = 0; tries < triesMax; tries += 1) {
      const event = sampleOf(random, this.plan.schema);
      if (!this.plan.check(event)) continue;
      this.place(event as Leaves, time);
      return event as JsonObject;
    }
    const [problem = ''] = this.plan.explain(sampleOf(random, this.plan.schema));
    throw new MillraceError(
      'request',
      `no event can be made from the schema of '${this.plan.name}' (${problem}): give some with --input`,
    );
  }

  private place(event: Leaves, time: number): void {
    const { idField, check } = this.plan;
    this.made += 1;
    if (idField !== null && idField in event) {
      const id = event[idField];
      event[idField] = typeof id === 'number' ? this.made : `id-${this.made}`;
      if (!check(event)) event[idField] = id;
    }
    for (const path of pathsOf(event)) if (this.placeTime(event, path, time)) return;
  }

  /** Whether the time of the event stands there; it is set then, else nothing is changed. */
  private placeTime(event: Leaves, path: Path, time: number): boolean {
    const parent = path.slice(0, -1).reduce<unknown>((at, part) => (at as Leaves)[part], event);
    const name = path.at(-1) as string;
    const leaves = parent as Leaves;
    const before = leaves[name];
    for (const encode of encodings) {
      leaves[name] = encode(time);
      const stands = this.plan.check(event) && Math.abs(timeOf(this.plan, event) - time) < 1_000;
      if (stands) return true;
    }
    leaves[name] = before;
    return false;
  }
}

/** When an event says that it happened, epoch milliseconds; NaN where it does not. */
export function timeOf(plan: Plan, event: unknown): number {
  try {
    const time = plan.time(event as JsonObject);
    return typeof time === 'string' ? parseRfc3339(time) : Number(time);
  } catch {
    return Number.NaN;
  }
}

/** The paths of all texts and numbers. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value === 'string' || typeof value === 'number') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => pathsOf(part, [...path, name]));
}
