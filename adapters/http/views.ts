import type { Limits } from '../../core/limits.ts';
import type { Plan, ViewPlan } from '../../core/plan.ts';
import type { Reader } from '../../core/query/reader.ts';
import { askingOf } from './parameters.ts';
import { HttpProblem } from './problem.ts';

/** A pipeline as the query side serves it. */
export interface ServedPipeline {
  readonly plan: Plan;
  readonly reader: Reader;
}

/** A view with the names under which it is asked for. */
export interface AddressedView {
  readonly pipeline: ServedPipeline;
  readonly view: ViewPlan;
  /** `view` if no other pipeline has one of that name, else `pipeline.view`; that always works. */
  readonly address: string;
}

/** All views of all pipelines, in the order of their definitions. */
export function addressedViews(pipelines: readonly ServedPipeline[]): AddressedView[] {
  const names = pipelines.flatMap(({ plan }) => plan.views.map(({ name }) => name));
  return pipelines.flatMap((pipeline) =>
    pipeline.plan.views.map((view) => {
      const unique = names.indexOf(view.name) === names.lastIndexOf(view.name);
      const address = unique ? view.name : `${pipeline.plan.name}.${view.name}`;
      return { pipeline, view, address };
    }),
  );
}

/** `GET /v1/views`: what can be asked for. */
export function listViews(pipelines: readonly ServedPipeline[]): object {
  return {
    views: addressedViews(pipelines).map(({ pipeline, view, address }) => ({
      view: view.name,
      pipeline: pipeline.plan.name,
      href: `/v1/views/${address}`,
      key: view.key,
      ...(view.keysMax === null ? {} : { keysMax: view.keysMax }),
      window: view.window.json,
      latenessSeconds: view.lateness / 1000,
      retainSeconds: view.retain === null ? null : view.retain / 1000,
      rollups: view.rollups.map(({ window, retain }) => ({
        seconds: window.unit / 1000,
        retainSeconds: retain === null ? null : retain / 1000,
      })),
      measures: [
        ...view.measures.map(({ name, kind, field }) => ({ name, kind, field })),
        ...view.derived.map(({ name, kind, of }) => ({ name, kind, of })),
      ],
    })),
  };
}

/** What a client says of the answer that it wants, beside its URL. */
export interface Wishes {
  /** `If-None-Match`; null for none. */
  readonly ifNoneMatch: string | null;
  /** Whether it would rather have CSV than JSON. */
  readonly csv: boolean;
}

/**
 * `GET /v1/views/{view}`: the rows of a view, what has changed in them since a token, or 304.
 *
 * @throws HttpProblem 404 for an unknown view, 400 for parameters that can't be; MillraceError as the reader does.
 */
export async function queryView(
  pipelines: readonly ServedPipeline[],
  name: string,
  url: URL,
  limits: Limits,
  { ifNoneMatch, csv }: Wishes,
): Promise<Response> {
  const { pipeline, view } = findView(addressedViews(pipelines), name);
  const parameters = new URLSearchParams(url.searchParams);
  if (csv && !parameters.has('format') && !parameters.has('since')) parameters.set('format', 'csv');
  const { query, format, since } = askingOf(parameters, view, limits, 'views');
  const { reader } = pipeline;
  if (since !== null) {
    const { text } = await reader.changesJson(view.name, query, since);
    return new Response(text, { headers: { 'content-type': 'application/json' } });
  }
  const held = ifNoneMatch?.split(',').map((tag) => tag.trim()) ?? [];
  // The browser may keep an answer, but has to ask each time whether it still holds.
  const headers = { 'cache-control': 'private, no-cache', vary: 'accept' };
  if (held.length > 0) {
    const etag = await reader.etag(view.name, query, format);
    if (held.includes(etag))
      return new Response(null, { status: 304, headers: { ...headers, etag } });
  }
  const { text, etag, next } = await reader.text(view.name, query, format);
  const type = format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/json';
  return new Response(text, {
    headers: { ...headers, etag, 'content-type': type, ...linkTo(url, next) },
  });
}

/** Where the next rows are, for formats that have no place for a cursor. */
function linkTo(url: URL, next: string | null): Record<string, string> {
  if (next === null) return {};
  const target = new URL(url);
  target.searchParams.set('cursor', next);
  return { link: `<${target.pathname}${target.search}>; rel="next"` };
}

/**
 * The view of a name.
 *
 * @throws HttpProblem 404 for one that there is not, 400 for one that several pipelines have.
 */
export function findView(views: readonly AddressedView[], name: string): AddressedView {
  const found = views.filter(
    ({ pipeline, view }) => name === view.name || name === `${pipeline.plan.name}.${view.name}`,
  );
  if (found.length === 1) return found[0] as AddressedView;
  if (found.length > 1) {
    const choices = found.map(({ address }) => address).join(' or ');
    const detail = `Several pipelines have a view '${name}': ask for ${choices}.`;
    throw new HttpProblem(400, 'request', detail);
  }
  const there = views.map(({ address }) => address).join(', ');
  throw new HttpProblem(404, 'not-found', `There is no view '${name}'; there are ${there}.`);
}
