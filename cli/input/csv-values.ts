/** Makes the value of a CSV text. */
export type CsvConverter = (text: string) => unknown;

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * What a column's texts become, by the JSON Schema of an event: a number where the schema allows numbers and no text,
 * if the text is a JSON number; a boolean where it allows booleans and no
 * text, if the text is `true` or `false`. Any other text stays as it is, for the schema to judge.
 */
export function converterOf(schema: unknown, column: string): CsvConverter {
  const types = new Set<string>();
  collect(schema, column, types);
  if (types.has('string')) return (text) => text;
  const numbers = types.has('number') || types.has('integer');
  const booleans = types.has('boolean');
  return (text) => {
    if (numbers && jsonNumber.test(text)) return numberOf(text);
    if (booleans && (text === 'true' || text === 'false')) return text === 'true';
    return text;
  };
}

/** Finds the types of a property, through unions and intersections. */
function collect(schema: unknown, column: string, types: Set<string>): void {
  if (!isRecord(schema)) return;
  const properties = schema['properties'];
  if (isRecord(properties) && Object.hasOwn(properties, column)) typesOf(properties[column], types);
  for (const branch of branches(schema)) collect(branch, column, types);
}

function typesOf(schema: unknown, types: Set<string>): void {
  if (!isRecord(schema)) return;
  const { type, const: constant, enum: values } = schema;
  for (const name of [type].flat()) if (typeof name === 'string') types.add(name);
  if (constant !== undefined) types.add(typeof constant);
  if (Array.isArray(values)) for (const value of values) types.add(typeof value);
  for (const branch of branches(schema)) typesOf(branch, types);
}

function branches(schema: Readonly<Record<string, unknown>>): unknown[] {
  return [schema['anyOf'], schema['oneOf'], schema['allOf']].flat();
}

/** A number beyond what a double holds stays text, so that it is refused rather than rounded. */
function numberOf(text: string): unknown {
  const value = Number(text);
  const exact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
  return exact ? value : text;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
