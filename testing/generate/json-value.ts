import type { JsonObject } from '../../core/event.ts';
import type { Random } from '../simulation/random.ts';
import { textLike } from './pattern.ts';

/** When generated dates are, epoch milliseconds. */
export const epoch: number = Date.UTC(2001, 0, 1);

const dayMs = 86_400_000;
const names = ['a', 'b', 'c', 'd', 'é😀'];
const usual = 100;

type Make = (random: Random, schema: JsonObject) => unknown;

const formats: Readonly<Record<string, (random: Random) => string>> = {
  'date-time': (random) => new Date(epoch + random.int(0, dayMs)).toISOString(),
  date: (random) => new Date(epoch + random.int(0, 30) * dayMs).toISOString().slice(0, 10),
  time: (random) => new Date(epoch + random.int(0, dayMs)).toISOString().slice(11),
  email: (random) => `${random.pick(['ann', 'bob'])}@example.com`,
  hostname: (random) => `${random.pick(['a', 'b'])}.example.com`,
  uri: (random) => `https://example.com/${random.pick(['a', 'b'])}`,
  url: (random) => `https://example.com/${random.pick(['a', 'b'])}`,
  ipv4: (random) => `192.0.2.${random.int(0, 255)}`,
  ipv6: (random) => `2001:db8::${random.int(1, 9999).toString(16)}`,
  uuid: (random) =>
    textLike(random, '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'),
};

const makers: Readonly<Record<string, Make>> = {
  object: objectOf,
  array: arrayOf,
  string: stringOf,
  number: (random, schema) => numberOf(random, schema, 0.01),
  integer: (random, schema) => numberOf(random, schema, 1),
  boolean: (random) => random.chance(0.5),
  null: () => null,
};

/**
 * A value of a JSON Schema, most often one of a few, so that keys meet. It knows the usual keywords; whoever calls
 * checks the result.
 */
export function sampleOf(random: Random, schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return random.pick(['a', 1, true, null]);
  const known = schema as JsonObject;
  if ('const' in known) return known['const'];
  const { examples } = known;
  if (Array.isArray(examples) && examples.length > 0 && random.chance(0.8)) {
    return random.pick(examples);
  }
  for (const union of ['enum', 'anyOf', 'oneOf']) {
    const members = known[union];
    if (!Array.isArray(members) || members.length === 0) continue;
    const member: unknown = random.pick(members);
    return union === 'enum' ? member : sampleOf(random, member);
  }
  const all = known['allOf'];
  if (Array.isArray(all)) {
    return Object.assign({}, ...all.map((member) => sampleOf(random, member)));
  }
  const { type = 'properties' in known ? 'object' : 'string' } = known;
  const kind = Array.isArray(type) ? random.pick(type) : type;
  return makers[String(kind)]?.(random, known);
}

function objectOf(random: Random, schema: JsonObject): object {
  const { properties = {}, required = [], patternProperties = {} } = schema;
  const entries: [string, unknown][] = [];
  for (const [name, one] of Object.entries(properties as JsonObject)) {
    if ((required as readonly string[]).includes(name) || random.chance(0.7)) {
      entries.push([name, sampleOf(random, one)]);
    }
  }
  for (const [pattern, one] of Object.entries(patternProperties as JsonObject)) {
    const count = random.int(0, 2);
    for (let i = 0; i < count; i += 1) {
      entries.push([textLike(random, pattern), sampleOf(random, one)]);
    }
  }
  return Object.fromEntries(entries);
}

function arrayOf(random: Random, schema: JsonObject): unknown[] {
  const { items, prefixItems, minItems = 0, maxItems = Number(minItems) + 2 } = schema;
  const tuple = Array.isArray(items) ? items : prefixItems;
  if (Array.isArray(tuple)) return tuple.map((one) => sampleOf(random, one));
  const length = random.int(Number(minItems), Number(maxItems));
  return Array.from({ length }, () => sampleOf(random, items));
}

function stringOf(random: Random, schema: JsonObject): string {
  const { format, pattern, minLength = 1, maxLength = Number.POSITIVE_INFINITY } = schema;
  if (typeof pattern === 'string') return textLike(random, pattern);
  const made = formats[String(format)]?.(random);
  if (made !== undefined) return made;
  const text = random.pick(names).padEnd(Number(minLength), 'x');
  return text.length > Number(maxLength) ? text.slice(0, Number(maxLength)) : text;
}

/** A multiple of `step`, or of the schema's own, within its bounds and now and then at one of them. */
function numberOf(random: Random, schema: JsonObject, step: number): number {
  const by = Number(schema['multipleOf'] ?? step);
  const bound = (name: string): number | undefined => schema[name] as number | undefined;
  const above = bound('exclusiveMinimum');
  const below = bound('exclusiveMaximum');
  const low = bound('minimum') ?? (above === undefined ? undefined : above + by);
  const high = bound('maximum') ?? (below === undefined ? undefined : below - by);
  const from = low ?? Math.min(-usual, (high ?? 0) - usual);
  const to = high ?? Math.max(usual, from + usual);
  if (random.chance(0.1)) return random.pick([low ?? 0, high ?? to]);
  const most = Math.floor((Math.min(to, from + 2 * usual) - from) / by);
  // A quotient has fewer digits than a product: 7 / 100 is 0.07.
  const steps = random.int(0, Math.min(most, 20_000));
  const parts = Math.round(1 / by);
  return Number.isInteger(1 / by) ? (Math.round(from * parts) + steps) / parts : from + steps * by;
}
