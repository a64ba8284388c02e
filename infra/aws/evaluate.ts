/** A template of CloudFormation as JSON. */
export interface TemplateJson {
  readonly Parameters: Readonly<Record<string, ParameterJson>>;
  readonly Conditions: Readonly<Record<string, unknown>>;
  readonly Mappings: Readonly<Record<string, Readonly<Record<string, Record<string, unknown>>>>>;
  readonly Resources: Readonly<Record<string, ResourceJson>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

/** A parameter as a template declares it. */
export interface ParameterJson {
  readonly Type: 'String' | 'Number';
  readonly Description: string;
  readonly Default?: string | number;
  readonly AllowedValues?: readonly string[];
  readonly MinValue?: number;
  readonly MaxValue?: number;
  readonly MinLength?: number;
  readonly MaxLength?: number;
}

/** A resource of a template. */
export interface ResourceJson {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly [member: string]: unknown;
}

/** A resource as it would be made. */
export interface Evaluated extends ResourceJson {
  readonly id: string;
}

/** Where a template is deployed to, and with which parameters. */
export interface Given {
  readonly stack: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const nothing = Symbol('AWS::NoValue');

/**
 * The resources that CloudFormation would make, with all functions computed. What a resource tells only once it is
 * made is `<Id>` for its name and `<Id.Attribute>` for an attribute.
 *
 * @throws Error for a function that is not known, and for a name that is not there.
 */
export function evaluate(template: TemplateJson, given: Given): Evaluated[] {
  const evaluation = new Evaluation(template, given);
  return Object.entries(template.Resources)
    .filter(([, { Condition }]) => Condition === undefined || evaluation.holds(Condition))
    .map(([id, resource]) => ({ ...(evaluation.value(resource) as ResourceJson), id }));
}

class Evaluation {
  private readonly template: TemplateJson;
  private readonly given: Given;

  constructor(template: TemplateJson, given: Given) {
    this.template = template;
    this.given = given;
  }

  holds(condition: string): boolean {
    return this.value(member(this.template.Conditions, condition)) === true;
  }

  /** A value with every function in it computed. */
  value(value: unknown): unknown {
    if (Array.isArray(value)) {
      return value.map((one) => this.value(one)).filter((one) => one !== nothing);
    }
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [[name, argument] = ['', null]] = entries;
    if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) {
      return this.call(name, argument);
    }
    const computed = entries.map(([key, one]) => [key, this.value(one)] as const);
    return Object.fromEntries(computed.filter(([, one]) => one !== nothing));
  }

  private call(name: string, argument: unknown): unknown {
    // Only the branch that is taken is computed.
    if (name === 'Fn::If') {
      const [condition, yes, no] = argument as [string, unknown, unknown];
      return this.value(this.holds(condition) ? yes : no);
    }
    if (name === 'Ref') return this.ref(argument as string);
    const [first, second, third] = this.value(argument) as readonly unknown[];
    switch (name) {
      case 'Fn::GetAtt':
        return this.attribute(first as string, second as string);
      case 'Fn::Join':
        return (second as readonly unknown[]).join(first as string);
      case 'Fn::Equals':
        return String(first) === String(second);
      case 'Fn::Not':
        return first !== true;
      case 'Fn::FindInMap': {
        const mapping = member(this.template.Mappings, first as string);
        return member(member(mapping, String(second)), third as string);
      }
      default:
        throw new Error(`there is no function '${name}'`);
    }
  }

  private ref(name: string): unknown {
    const { Parameters, Resources } = this.template;
    if (name === 'AWS::NoValue') return nothing;
    if (name === 'AWS::StackName') return this.given.stack;
    if (name === 'AWS::AccountId') return '111122223333';
    const parameter = Parameters[name];
    if (parameter !== undefined) {
      const value = this.given.parameters[name] ?? parameter.Default;
      if (value === undefined) throw new Error(`parameter '${name}' is not given`);
      return parameter.Type === 'Number' ? Number(value) : value;
    }
    const { Properties, Type } = member(Resources, name);
    // A name that is given is the name; others are made up by CloudFormation.
    const own = Type === 'AWS::Lambda::Function' ? Properties['FunctionName'] : undefined;
    return own === undefined ? `<${name}>` : this.value(own);
  }

  private attribute(id: string, name: string): string {
    member(this.template.Resources, id);
    return `<${id}.${name}>`;
  }
}

function member<T>(of: Readonly<Record<string, T>>, name: string): T {
  const value = of[name];
  if (value === undefined) throw new Error(`there is no '${name}'`);
  return value;
}
