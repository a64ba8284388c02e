import { parseDuration } from '../duration.ts';
import type { JsonObject } from '../event.ts';

/** Where the rows of a view are published. */
export interface PublishPlan {
  /** The name of a sink; which one that is, the host's settings say. */
  readonly to: string;
  /** How often rows that are not final are published too, milliseconds; null for never. */
  readonly early: number | null;
}

/** The names that sinks may have. */
export const sinkPattern: RegExp = /^[a-z][a-z0-9-]{0,31}$/;

const earlyMsMin = 1_000;
const options = ['to', 'early'];

/** Checks the `publish` of a view. */
export function publishPlan(raw: unknown, wrong: (what: string) => void): PublishPlan | null {
  if (raw === undefined) return null;
  if (typeof raw !== 'object' || raw === null) {
    wrong("publish must be { to: the name of a sink, such as 'results' }");
    return null;
  }
  const { to, early } = raw as JsonObject;
  for (const option of Object.keys(raw)) {
    if (!options.includes(option)) wrong(`publish: '${option}' is not an option`);
  }
  if (typeof to !== 'string' || !sinkPattern.test(to)) {
    wrong("publish.to must be 1 to 32 of a-z, 0-9 and '-', starting with a letter");
  }
  const every = early === undefined ? null : parseDuration(early);
  if (early !== undefined && (every === null || every < earlyMsMin)) {
    wrong(`publish.early must be a duration of 1s or more, not ${JSON.stringify(early)}`);
  }
  return { to: String(to), early: every };
}
