import type { FunctionMetadata } from './rpc.ts';

/** An HTTP function and where it is found. */
export interface Route {
  readonly functionName: string;
  readonly authLevel: string;
  readonly methods: readonly string[];
  readonly pattern: RegExp;
  /** More literal segments come first, then fewer parameters. */
  readonly rank: number;
}

/** A route that fits a request, and the values of its parameters. */
export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** The routes of all HTTP functions, the more exact ones first. */
export function routesOf(functions: readonly FunctionMetadata[], prefix: string): Route[] {
  const routes = functions.flatMap(({ name, bindings }) => {
    const trigger = Object.values(bindings).find(({ type }) => type === 'httpTrigger');
    if (trigger === undefined) return [];
    const route = (trigger['route'] as string | undefined) ?? name;
    const segments = [...prefix.split('/'), ...route.split('/')].filter((each) => each !== '');
    return {
      functionName: name,
      authLevel: String(trigger['authLevel']).toLowerCase(),
      methods: (trigger['methods'] as string[]).map((each) => each.toUpperCase()),
      pattern: new RegExp(`^${segments.map(segmentPattern).join('')}/?$`, 'i'),
      rank: segments.reduce((sum, each) => sum + (each.startsWith('{') ? -1 : 100), 0),
    };
  });
  return routes.sort((a, b) => b.rank - a.rank);
}

/** The first route that takes the request; null: 404, for a method that no route takes too. */
export function match(routes: readonly Route[], method: string, path: string): Match | null {
  for (const route of routes) {
    const found = route.methods.includes(method) ? route.pattern.exec(path) : null;
    if (found === null) continue;
    const params = Object.entries(found.groups ?? {})
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, decoded(value)]);
    return { route, params: Object.fromEntries(params) };
  }
  return null;
}

/** What is no escape of UTF-8 stays as it was sent. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** `text`, `{name}`, `{name?}` or `{*rest}`. */
function segmentPattern(segment: string): string {
  const found = /^\{(\*?)(\w+)(\??)\}$/.exec(segment);
  if (found === null) {
    if (/[{}]/.test(segment))
      throw new Error(`The route segment ${segment} is not reproduced here.`);
    return `/${segment.replace(/[.+*?^$()[\]|\\]/g, '\\$&')}`;
  }
  const [, rest, name, optional] = found;
  if (rest !== '') return `(?:/(?<${name}>.*))?`;
  const required = `/(?<${name}>[^/]+)`;
  return optional === '' ? required : `(?:${required})?`;
}
