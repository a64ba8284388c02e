import { isExpression, type Node, parseExpression } from './expression.ts';
import { functions } from './functions.ts';
import { propertiesOnceMade } from './once-made.ts';

/** A template as JSON. */
export interface TemplateJson {
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly resources: readonly ResourceJson[];
  readonly outputs: Readonly<Record<string, { readonly type: string; readonly value: unknown }>>;
}

/** A parameter as a template declares it, with bounds such as `minLength` and `allowedValues`. */
export interface Parameter {
  readonly type: string;
  readonly defaultValue: unknown;
  readonly metadata: {
    readonly description: string;
    /** What a number must be a multiple of; Azure doesn't read it. */
    readonly step?: number;
  };
  readonly [bound: string]: unknown;
}

/** A resource of a template. */
export interface ResourceJson {
  readonly type: string;
  readonly apiVersion: string;
  readonly name: string;
  readonly scope?: string;
  readonly condition?: string;
  readonly dependsOn?: readonly string[];
  readonly [member: string]: unknown;
}

/** A resource as it would be made. */
export interface Evaluated extends ResourceJson {
  readonly id: string;
  /** False if its condition keeps it from being made. */
  readonly made: boolean;
  /** Ids of the resources whose properties it asks for. */
  readonly asks: readonly string[];
}

/** Where a template is deployed to, as far as expressions see it. */
export interface Place {
  readonly subscription: string;
  readonly group: string;
  readonly location: string;
}

/** A place for a rehearsal. */
export const somewhere: Place = {
  subscription: '00000000-0000-0000-0000-000000000000',
  group: 'millrace',
  location: 'westeurope',
};

/**
 * The resources of a template with all expressions computed, as Azure would: hashes and what a resource tells once it
 * is made are made up, in the form they have.
 *
 * @throws Error for an expression that does not parse, or asks for what is not there.
 */
export function evaluate(
  template: TemplateJson,
  given: Readonly<Record<string, unknown>> = {},
  place: Place = somewhere,
): Evaluated[] {
  return new Evaluation(template, given, place).resources();
}

class Evaluation {
  private readonly template: TemplateJson;
  private readonly given: Readonly<Record<string, unknown>>;
  private readonly place: Place;
  private asks: string[] = [];

  constructor(template: TemplateJson, given: Readonly<Record<string, unknown>>, place: Place) {
    this.template = template;
    this.given = given;
    this.place = place;
  }

  resources(): Evaluated[] {
    return this.template.resources.map((resource) => {
      this.asks = [];
      const { condition, ...rest } = resource;
      const made = condition === undefined || this.value(condition) === true;
      // What is not made is not computed further: it may ask for what is not there.
      const { type, name, scope } = this.value(
        made ? rest : { type: rest.type, name: rest.name, scope: rest.scope },
      ) as ResourceJson;
      const id = `${scope ?? this.groupId()}/providers/${typeAndNames(type, name.split('/'))}`;
      const whole = made ? (this.value(rest) as ResourceJson) : rest;
      return { ...whole, name, id, made, asks: this.asks };
    });
  }

  /** A value with every expression in it computed. */
  private value(value: unknown): unknown {
    if (typeof value === 'string') {
      return isExpression(value) ? this.node(parseExpression(value.slice(1, -1))) : value;
    }
    if (Array.isArray(value)) return value.map((one) => this.value(one));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, this.value(one)]));
  }

  private node(node: Node): unknown {
    if (node.kind === 'literal') return node.value;
    if (node.kind === 'member') {
      const of = this.node(node.of) as Record<string, unknown>;
      if (!Object.hasOwn(of, node.name)) throw new Error(`there is no member '${node.name}'`);
      return of[node.name];
    }
    // Only the branch that is taken is computed, as in Azure.
    if (node.name === 'if') {
      const [condition, yes, no] = node.args as [Node, Node, Node];
      return this.node(this.node(condition) === true ? yes : no);
    }
    const args = node.args.map((arg) => this.node(arg)) as string[];
    return this.environment(node.name, args) ?? this.call(node.name, args);
  }

  private call(name: string, args: readonly unknown[]): unknown {
    const known = functions[name];
    if (known === undefined) throw new Error(`there is no function '${name}'`);
    return known(...(args as never[]));
  }

  /** What depends on the template and the place; undefined if it does not. */
  private environment(name: string, args: readonly string[]): unknown {
    const [first = '', ...rest] = args;
    switch (name) {
      case 'parameters': {
        const parameter = member(this.template.parameters, first, 'parameter');
        return this.given[first] ?? this.value(parameter.defaultValue);
      }
      case 'variables':
        return this.value(member(this.template.variables, first, 'variable'));
      case 'resourceGroup':
        return { id: this.groupId(), name: this.place.group, location: this.place.location };
      case 'subscription':
        return { tenantId: this.place.subscription, subscriptionId: this.place.subscription };
      case 'resourceId':
        return `${this.groupId()}/providers/${typeAndNames(first, rest)}`;
      case 'subscriptionResourceId':
        return `/subscriptions/${this.place.subscription}/providers/${typeAndNames(first, rest)}`;
      case 'extensionResourceId':
        return `${first}/providers/${typeAndNames(rest[0] ?? '', rest.slice(1))}`;
      case 'reference':
        this.asks.push(first);
        return propertiesOnceMade(first);
      default:
        return undefined;
    }
  }

  private groupId(): string {
    return `/subscriptions/${this.place.subscription}/resourceGroups/${this.place.group}`;
  }
}

function member<T>(of: Readonly<Record<string, T>>, name: string, kind: string): T {
  const value = of[name];
  if (value === undefined) throw new Error(`there is no ${kind} '${name}'`);
  return value;
}

/** `A/b/c` with the names of b and c: `A/b/<name>/c/<name>`. */
function typeAndNames(type: string, names: readonly string[]): string {
  const [provider, ...kinds] = type.split('/');
  if (kinds.length !== names.length) {
    throw new Error(`${type} has ${kinds.length} names, not ${names.length}: ${names.join(', ')}`);
  }
  return [provider, ...kinds.flatMap((kind, i) => [kind, names[i]])].join('/');
}
