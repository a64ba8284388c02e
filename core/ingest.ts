import { type DeadReason, type JsonObject, timeMin } from './event.ts';
import { type Court, judge, newJudgement } from './fold/judge.ts';
import type { Limits } from './limits.ts';
import type { Plan } from './plan.ts';
import { subKey } from './spread.ts';

/** Why an event is refused at the door. */
export interface Refusal {
  readonly reason: DeadReason;
  readonly errors: readonly string[];
}

/**
 * Checks an event as the fold will, schema, id and time, so that a producer hears at once what would become a dead
 * letter. The transform is left to the fold: when that fails it is not the producer's fault.
 */
export function inspect(
  event: JsonObject,
  arrival: number,
  plan: Plan,
  limits: Limits,
): Refusal | null {
  const court: Court = {
    plan: { ...plan, transform: null, views: [] },
    limits,
    tables: {},
    watermark: timeMin,
    isDuplicate: () => false,
  };
  const judgement = newJudgement();
  if (judge(event, arrival, court, judgement) !== 'dead') return null;
  return { reason: judgement.reason, errors: judgement.errors };
}

/** The key that decides an event's partition; '' for an event that has none, which will be a dead letter anyway. */
export function partitionKeyOf(event: unknown, plan: Plan): string {
  if (typeof event !== 'object' || event === null) return '';
  try {
    const key = plan.partitionKey(event as JsonObject);
    if (typeof key !== 'string' && typeof key !== 'number' && typeof key !== 'boolean') return '';
    const { spreadOver } = plan;
    const id = spreadOver > 1 ? plan.id(event as JsonObject) : null;
    return String(subKey(key, id, spreadOver)).toWellFormed();
  } catch {
    return '';
  }
}
