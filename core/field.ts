import type { JsonObject } from './event.ts';

/** Reads one field of an event. */
export type Get = (event: JsonObject) => unknown;

/**
 * A function that reads one field. Each is compiled on its own, so that the engine remembers the shape of the events
 * per field: an access by a name that changes from call to call costs several times as much.
 */
export function getter(field: string): Get {
  try {
    return new Function('event', `return event[${JSON.stringify(field)}]`) as Get;
  } catch {
    // Where code from text is forbidden.
    return (event) => event[field];
  }
}
