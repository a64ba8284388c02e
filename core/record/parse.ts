/** JSON text to a checked event. */
import type { JsonObject } from '../event.ts';
import { nestsDeeperThan } from './depth.ts';
import { syntaxFault } from './syntax.ts';

/** Why a text is no event. It stands where the value would: no JSON value is an instance of a class. */
export class Fault {
  /** One short sentence; never the payload. */
  readonly message: string;
  /** True when the text is no JSON at all, false when it is JSON that is refused. */
  readonly syntax: boolean;

  constructor(message: string, syntax: boolean = false) {
    this.message = message;
    this.syntax = syntax;
  }
}

/** The value of a JSON text, or a Fault. Texts nested too deep are never given to the parser. */
export function parseJson(text: string, depthMax: number): unknown {
  if (nestsDeeperThan(text, depthMax)) {
    const fault = syntaxFault(text);
    return fault === null
      ? new Fault(`nested deeper than jsonDepthMax (${depthMax})`)
      : new Fault(fault, true);
  }
  try {
    return JSON.parse(text);
  } catch {
    return new Fault(syntaxFault(text) ?? 'not JSON', true);
  }
}

/** The event that a parsed value is, or a Fault. `suspicious`: what `mayHoldProto` said of the text. */
export function eventOf(value: unknown, suspicious: boolean): JsonObject | Fault {
  if (value instanceof Fault) return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const kind = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
    return new Fault(`an event must be a JSON object, this is ${kind}`);
  }
  if (suspicious && holdsProto(value)) return new Fault('the key "__proto__" is not allowed');
  return value as JsonObject;
}

/** False when no key of the JSON text can be `__proto__`, plain or escaped: a cheap first look. */
export function mayHoldProto(text: string): boolean {
  return text.includes('__proto__') || text.includes('\\u00');
}

/** True when an object in the value has the key `__proto__`. */
function holdsProto(value: object): boolean {
  const open: object[] = [value];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (!Array.isArray(node) && Object.hasOwn(node, '__proto__')) return true;
    for (const child of Object.values(node) as unknown[]) {
      if (typeof child === 'object' && child !== null) open.push(child);
    }
  }
  return false;
}
