/** A value in a template: an expression, or what JSON has. Undefined members are left out. */
export type Value = Expression | string | number | boolean | null | readonly Value[] | Body;

/** An object in a template. */
export interface Body {
  readonly [name: string]: Value | undefined;
}

/** An ARM expression. In JSON it is a string in brackets; it remembers the resources that it names. */
export class Expression {
  readonly text: string;
  readonly names: readonly Resource[];

  constructor(text: string, names: readonly Resource[] = []) {
    this.text = text;
    this.names = names;
  }

  /** The expression as it stands in a template. */
  toJSON(): string {
    return `[${this.text}]`;
  }

  /** A member of the object that the expression gives: `of(cosmos).get('documentEndpoint')`. */
  get(path: string): Expression {
    return new Expression(`${this.text}.${path}`, this.names);
  }
}

/** One resource of a template; `name` has one part per segment of its type after the provider. */
export interface Resource {
  readonly type: string;
  readonly apiVersion: string;
  readonly name: readonly (Expression | string)[];
  /** The resource that an extension (a role assignment, a diagnostic setting) belongs to. */
  readonly scope?: Resource;
  /** An expression that says whether it is made at all. */
  readonly condition?: Expression;
  readonly body: Body;
  /** What must be there first besides what the body and the name refer to. */
  readonly after: readonly Resource[];
}

/** What a resource may have besides type, name and body. */
export interface ResourceOptions {
  readonly parent?: Resource;
  readonly scope?: Resource;
  readonly condition?: Expression | undefined;
  readonly after?: readonly Resource[];
}

/**
 * A resource from its type with its version (`Microsoft.Web/sites@2024-11-01`), its own name, and its body. A child
 * takes the names and the condition of its parent.
 */
export function resource(
  typeAtVersion: string,
  name: Expression | string,
  body: Body,
  { parent, scope, condition = parent?.condition, after = [] }: ResourceOptions = {},
): Resource {
  const [type = '', apiVersion = ''] = typeAtVersion.split('@');
  return {
    ...{ type, apiVersion, name: [...(parent?.name ?? []), name], body },
    ...(scope && { scope }),
    ...(condition && { condition }),
    after: parent === undefined ? after : [parent, ...after],
  };
}

/** A call of a function of the template language. */
export function call(name: string, ...args: readonly Value[]): Expression {
  return new Expression(`${name}(${args.map(textOf).join(', ')})`, args.flatMap(namesIn));
}

/** The value of a parameter. */
export function parameter(name: string): Expression {
  return call('parameters', name);
}

/** The value of a variable. */
export function variable(name: string): Expression {
  return call('variables', name);
}

/** The id of a resource in the resource group, or of an extension of one. */
export function idOf(of: Resource): Expression {
  const { text, names } = of.scope
    ? call('extensionResourceId', idOf(of.scope), of.type, ...of.name)
    : call('resourceId', of.type, ...of.name);
  return new Expression(text, [...names, of]);
}

/** The properties of a resource as they are once it is made. */
export function propertiesOf(of: Resource): Expression {
  const { text, names } = call('reference', idOf(of), of.apiVersion);
  return new Expression(text, names);
}

/** A template as it is sent: resources know what they depend on from what they name. */
export function templateOf(parts: {
  readonly parameters: Body;
  readonly variables: Body;
  readonly resources: readonly Resource[];
  readonly outputs: Body;
}): Body {
  return {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    ...parts,
    resources: parts.resources.map((one) => jsonOf(one)),
  };
}

function jsonOf({ type, apiVersion, name, scope, condition, body, after }: Resource): Body {
  const named = [...name, scope ?? '', body].flatMap((value) =>
    isResource(value) ? [value] : namesIn(value),
  );
  const dependsOn = new Map([...after, ...named].map((one) => [idOf(one).text, idOf(one)]));
  return {
    ...{ condition, type, apiVersion, scope: scope && idOf(scope) },
    name: name.length === 1 ? name[0] : call('format', places(name.length), ...name),
    dependsOn: dependsOn.size === 0 ? undefined : [...dependsOn.values()],
    ...body,
  };
}

const places = (count: number): string =>
  Array.from({ length: count }, (_, i) => `{${i}}`).join('/');

const isResource = (value: Value | Resource): value is Resource =>
  typeof value === 'object' && value !== null && 'apiVersion' in value && 'after' in value;

function textOf(value: Value): string {
  if (value instanceof Expression) return value.text;
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return `${value}()`;
  if (value === null) return 'null()';
  if (Array.isArray(value)) return `createArray(${value.map(textOf).join(', ')})`;
  const pairs = Object.entries(value).flatMap(([name, one]) =>
    one === undefined ? [] : [textOf(name), textOf(one)],
  );
  return `createObject(${pairs.join(', ')})`;
}

function namesIn(value: Value | undefined): readonly Resource[] {
  if (value instanceof Expression) return value.names;
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(namesIn);
}
