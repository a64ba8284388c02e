/** A type as `azmcp bicepschema get` prints it. */
export interface BicepType {
  readonly $type: string;
  readonly name: string;
  readonly properties?: readonly BicepProperty[];
  readonly additionalPropertiesType?: string | null;
  readonly baseProperties?: readonly BicepProperty[];
  readonly elements?: readonly BicepType[];
  readonly bodyType?: BicepType;
}

/** A member of such a type. */
export interface BicepProperty {
  readonly name: string;
  readonly type: string;
  readonly flags?: string;
  readonly modifiers?: string;
}

/** A JSON Schema, as far as we write it. */
export type JsonSchema = { readonly [keyword: string]: unknown };

const primitives: Readonly<Record<string, JsonSchema>> = {
  any: {},
  bool: { type: 'boolean' },
  int: { type: 'integer' },
  null: { type: 'null' },
  object: { type: 'object' },
  string: { type: 'string' },
};

/**
 * The JSON Schema of a resource's body, with what is read-only left out. Stricter than the service where it takes any
 * string besides those it knows: here only the known ones pass, so that a misspelt one is found.
 *
 * @throws Error if the types hold no such resource.
 */
export function jsonSchemaOf(types: readonly BicepType[], typeAtVersion: string): JsonSchema {
  const body = types.find(({ $type, name }) => $type === 'Resource' && name === typeAtVersion);
  if (body?.bodyType === undefined) {
    const known = types.find(({ $type }) => $type === 'Resource')?.name ?? 'nothing';
    throw new Error(`${typeAtVersion} is wanted, ${known} is known`);
  }
  const definitions = new Map(types.map((type) => [type.name, type]));
  const used = new Map<string, JsonSchema>();
  const refer = (name: string): JsonSchema => {
    const named = definitions.get(name);
    if (named === undefined || named.$type === 'Resource') return { const: name };
    if (!used.has(name)) {
      used.set(name, {});
      used.set(name, schemaOf(named, refer));
    }
    return { $ref: `#/$defs/${name}` };
  };
  const [type = '', apiVersion = ''] = typeAtVersion.split('@');
  const own = [
    { name: 'type', type, flags: 'Required' },
    { name: 'apiVersion', type: apiVersion, flags: 'Required' },
  ];
  const schema = schemaOf(body.bodyType, refer, own);
  return { ...schema, $defs: Object.fromEntries([...used].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

type Refer = (name: string) => JsonSchema;

function schemaOf(type: BicepType, refer: Refer, own: readonly BicepProperty[] = []): JsonSchema {
  const { properties = [], baseProperties = [], elements, additionalPropertiesType } = type;
  if (elements !== undefined) {
    const base = [...own, ...baseProperties];
    return { anyOf: elements.map((element) => schemaOf(element, refer, base)) };
  }
  const writable = [...own, ...properties.filter(({ flags }) => !/ReadOnly/.test(flags ?? ''))];
  const required = writable.filter(({ flags }) => /Required/.test(flags ?? ''));
  return {
    type: 'object',
    properties: Object.fromEntries(writable.map((one) => [one.name, memberSchema(one, refer)])),
    ...(required.length > 0 && { required: required.map(({ name }) => name) }),
    additionalProperties: additionalPropertiesType
      ? typeSchema(additionalPropertiesType, refer)
      : false,
  };
}

function memberSchema({ type, modifiers }: BicepProperty, refer: Refer): JsonSchema {
  return { ...typeSchema(type, refer), ...limits(modifiers ?? '') };
}

/** `minLength: 1, maxLength: 50, pattern: ^[a-z]+$`; the pattern comes last and may hold commas. */
function limits(modifiers: string): JsonSchema {
  const keyword: Record<string, string> = { minValue: 'minimum', maxValue: 'maximum' };
  const [numbers = '', pattern] = modifiers.split(/(?:^|, )pattern: /);
  const found = [...numbers.matchAll(/(\w+): (-?\d+)/g)];
  const pairs = found.map(([, name = '', value]) => [keyword[name] ?? name, Number(value)]);
  return { ...Object.fromEntries(pairs), ...(pattern !== undefined && { pattern }) };
}

function typeSchema(text: string, refer: Refer): JsonSchema {
  if (text.endsWith('[]')) return { type: 'array', items: typeSchema(text.slice(0, -2), refer) };
  const parts = text.split(' | ');
  if (parts.length === 1) return primitives[text] ?? refer(text);
  const known = parts.filter((part) => !(part in primitives));
  return { enum: known };
}
