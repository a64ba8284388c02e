import type { JsonObject } from '../../core/event.ts';
import type { Plan, ViewPlan } from '../../core/plan.ts';

/** A function of a definition that gave two answers for one event. */
export interface Fickle {
  readonly name: FunctionName;
  readonly event: string;
  readonly answers: readonly [before: string, after: string];
}

type FunctionName = (typeof functionNames)[number];

const functionNames = ['id', 'time', 'partitionKey', 'transform'] as const;
const RealDate = Date;

/** What a user's function may ask that no function of an event should. */
export interface Outside {
  /** Epoch milliseconds. */
  now(): number;
  /** 0 <= random() < 1. */
  random(): number;
}

/**
 * A plan whose functions are watched: `fickle` is the first one that did not give the same for an equal event. While
 * they run, clock and chance are those of `outside`, so that a run can be repeated whatever they do.
 */
export class Watched {
  readonly plan: Plan;
  fickle: Fickle | null = null;
  /** The most outputs of the transform for one event. */
  outputsMax = 1;
  outside: Outside;
  private readonly answers = new Map<string, string>();

  constructor(plan: Plan, outside: Outside) {
    this.outside = outside;
    const functions = functionNames.map((name) => {
      const act = plan[name];
      return [
        name,
        act &&
          ((event: JsonObject, tables: never) => this.watch(name, event, () => act(event, tables))),
      ];
    });
    this.plan = { ...plan, ...Object.fromEntries(functions), views: plan.views.map(unlimited) };
  }

  private watch(name: FunctionName, event: JsonObject, act: () => unknown): unknown {
    const key = JSON.stringify(event);
    let answer: string;
    try {
      const result = within(this.outside, act);
      answer = JSON.stringify(result) ?? 'undefined';
      if (Array.isArray(result)) this.outputsMax = Math.max(this.outputsMax, result.length);
      return result;
    } catch (error) {
      answer = `a throw of ${error instanceof Error ? error.message : String(error)}`;
      throw error;
    } finally {
      this.compare(name, key, answer!);
    }
  }

  private compare(name: FunctionName, event: string, answer: string): void {
    const before = this.answers.get(`${name} ${event}`);
    if (before === undefined) this.answers.set(`${name} ${event}`, answer);
    else if (before !== answer) this.fickle ??= { name, event, answers: [before, answer] };
  }
}

/** A view without `keysMax`: which keys overflow depends on the batches, and so on the schedule. */
function unlimited(view: ViewPlan): ViewPlan {
  return { ...view, keysMax: null, rollups: view.rollups.map(unlimited) };
}

/** Does something synchronous with another clock and another chance. */
function within<T>({ now, random }: Outside, act: () => T): T {
  const realRandom = Math.random;
  Math.random = random;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });
  try {
    return act();
  } finally {
    globalThis.Date = RealDate;
    Math.random = realRandom;
  }
}
