import { type Evaluated, evaluate, type Parameter, type TemplateJson } from './evaluate.ts';
import { schemaProblems } from './schemas.ts';

/** What Azure would refuse about a template with these parameters, as far as that can be known without asking it. */
export function problemsOf(
  template: TemplateJson,
  given: Readonly<Record<string, unknown>> = {},
): string[] {
  const parameters = Object.entries(given).flatMap(([name, value]) => {
    const parameter = template.parameters[name];
    if (parameter === undefined) return [`there is no parameter '${name}'`];
    return parameterProblems(name, parameter, value);
  });
  if (parameters.length > 0) return parameters;
  let resources: readonly Evaluated[];
  try {
    resources = evaluate(template, given);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  const foreign = Object.values(given).filter((value) => typeof value === 'string');
  return [
    ...resources.filter(({ made }) => made).flatMap(schemaProblems),
    ...referenceProblems(resources, foreign),
  ];
}

const kinds: Readonly<Record<string, string>> = {
  string: 'string',
  int: 'number',
  object: 'object',
};

function parameterProblems(name: string, parameter: Parameter, value: unknown): string[] {
  const problem = (wanted: string): string[] => [
    `${name}: ${wanted}, not ${JSON.stringify(value)}`,
  ];
  const { type, allowedValues, minValue, maxValue, minLength, maxLength } = parameter;
  if (typeof value !== kinds[type]) return problem(`must be of type ${type}`);
  if (Array.isArray(allowedValues) && !allowedValues.includes(value)) {
    return problem(`must be one of ${allowedValues.join(', ')}`);
  }
  const size = typeof value === 'string' ? value.length : Number(value);
  const least = Number(minValue ?? minLength ?? Number.NEGATIVE_INFINITY);
  const most = Number(maxValue ?? maxLength ?? Number.POSITIVE_INFINITY);
  if (size < least || size > most) return problem(`must be from ${least} to ${most}`);
  const { step = 1 } = parameter.metadata;
  if (step > 1 && size % step !== 0) return problem(`must be in steps of ${step}`);
  return type === 'int' && !Number.isInteger(value) ? problem('must be a whole number') : [];
}

/**
 * Names of what is not in the template or not made, and what is used without being waited for.
 *
 * @param foreign ids that were given, of resources that are there already.
 */
function referenceProblems(resources: readonly Evaluated[], foreign: readonly unknown[]): string[] {
  const problems: string[] = [];
  const byId = new Map(resources.map((one) => [one.id, one]));
  if (byId.size < resources.length) problems.push('two resources have one id');
  for (const resource of resources.filter(({ made }) => made)) {
    const before = waitedFor(resource, byId);
    if (before.has(resource.id)) problems.push(`${resource.id} waits for itself`);
    const { id, dependsOn = [], asks, ...rest } = resource;
    for (const wanted of dependsOn) {
      if (!byId.has(wanted)) problems.push(`${id} waits for ${wanted}, which is not there`);
    }
    for (const used of new Set([...idsIn(rest), ...asks])) {
      if (used === id || foreign.includes(used)) continue;
      const known = byId.get(used);
      if (known === undefined) problems.push(`${id} names ${used}, which is not there`);
      else if (!known.made) problems.push(`${id} names ${used}, which is not made`);
      else if (!before.has(used)) problems.push(`${id} names ${used} and does not wait for it`);
    }
  }
  return problems;
}

/** All that a resource waits for, itself or by what it waits for. */
function waitedFor(resource: Evaluated, byId: ReadonlyMap<string, Evaluated>): Set<string> {
  const found = new Set<string>();
  const next = [...(resource.dependsOn ?? [])];
  for (let id = next.pop(); id !== undefined; id = next.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    next.push(...(byId.get(id)?.dependsOn ?? []));
  }
  return found;
}

/** Ids of resources of a group in a value, as texts or as names of members. */
function idsIn(value: unknown): string[] {
  if (typeof value === 'string') {
    return /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\//.test(value) ? [value] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => [...idsIn(name), ...idsIn(one)]);
}
