/** JSON text to a checked event. */
import type { JsonObject } from '../event.ts';
import { mayNestDeeperThan, nestsDeeperThan } from './depth.ts';
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

// V8 parses without recursion, so no depth overflows the stack, but every open level costs it some 50 bytes.
const parseDepthMax = 100_000;

/** The value of a JSON text, or a Fault. */
export function parseJson(text: string): unknown {
  if (nestsDeeperThan(text, parseDepthMax)) {
    return faultOf(text, `nested deeper than ${parseDepthMax} levels`);
  }
  try {
    return JSON.parse(text);
  } catch {
    return faultOf(text, 'not JSON');
  }
}

function faultOf(text: string, otherwise: string): Fault {
  const fault = syntaxFault(text);
  return new Fault(fault ?? otherwise, fault !== null);
}

/** The event that a parsed value is, or a Fault. `suspicious`: look inside it as well. */
export function eventOf(value: unknown, suspicious: boolean, depthMax: number): JsonObject | Fault {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const kind = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
    return new Fault(`an event must be a JSON object, this is ${kind}`);
  }
  if (value instanceof Fault) return value;
  if (suspicious) {
    const fault = faultWithin(value, depthMax);
    if (fault !== null) return new Fault(fault);
  }
  return value as JsonObject;
}

/**
 * False when no event in the text can nest deeper than `depthMax` or have a key `__proto__`, plain or escaped: a
 * cheap first look that spares nearly all events the second, `faultWithin`.
 */
export function isSuspicious(text: string, depthMax: number): boolean {
  return mayHoldProto(text) || mayNestDeeperThan(text, depthMax);
}

/**
 * False when no key of the JSON text can be `__proto__`, plain or escaped. It looks for the first letters only: for so
 * short a pattern the engine leaps from underscore to underscore.
 */
export function mayHoldProto(text: string): boolean {
  return text.includes('__pr') || text.includes('\\u00');
}

/** What is wrong inside an event: a key `__proto__`, too many levels. Goes level by level, without recursion. */
function faultWithin(event: object, depthMax: number): string | null {
  let level: object[] = [event];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > depthMax) return `nested deeper than jsonDepthMax (${depthMax})`;
    const below: object[] = [];
    for (const node of level) {
      if (Array.isArray(node)) {
        for (const child of node)
          if (typeof child === 'object' && child !== null) below.push(child);
      } else {
        for (const key in node) {
          if (key === '__proto__') return 'the key "__proto__" is not allowed';
          const child = (node as Record<string, unknown>)[key];
          if (typeof child === 'object' && child !== null) below.push(child);
        }
      }
    }
    level = below;
  }
  return null;
}
