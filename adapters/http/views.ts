import type { Plan, ViewPlan } from '../../core/plan.ts';
import type { AnyQuery } from '../../core/query/query.ts';
import type { Reader } from '../../core/query/reader.ts';
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

/**
 * `GET /v1/views/{view}`: the rows of a view as JSON text.
 *
 * @throws HttpProblem 404 for an unknown view, 400 for parameters that can't be; MillraceError as the reader does.
 */
export function queryView(
  pipelines: readonly ServedPipeline[],
  name: string,
  parameters: URLSearchParams,
): Promise<string> {
  const { pipeline, view } = findView(addressedViews(pipelines), name);
  return pipeline.reader.queryJson(view.name, queryOf(parameters, view));
}

function findView(views: readonly AddressedView[], name: string): AddressedView {
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

const names = ['from', 'to', 'grain', 'order', 'limit', 'cursor'];

/** The query that URL parameters ask for, all that is wrong with them at once. */
function queryOf(parameters: URLSearchParams, view: ViewPlan): AnyQuery {
  const keyNames = view.key.map((part) => `key.${part}`);
  const given = [...parameters.keys()];
  const problems: string[] = [];
  for (const name of new Set(given)) {
    if (!names.includes(name) && !keyNames.includes(name)) {
      problems.push(
        `there is no parameter '${name}'; there are ${[...names, ...keyNames].join(', ')}`,
      );
    } else if (given.indexOf(name) !== given.lastIndexOf(name)) {
      problems.push(`${name}: given more than once`);
    }
  }
  const limit = parameters.get('limit');
  if (limit !== null && !/^[1-9]\d{0,8}$/.test(limit)) {
    problems.push(`limit: must be a whole number from 1, not '${limit}'`);
  }
  if (problems.length > 0) {
    throw new HttpProblem(400, 'request', `${problems.join('; ')}.`, { problems });
  }
  const text = (name: string): string | undefined => parameters.get(name) ?? undefined;
  const [from, to, orderBy, cursor] = [text('from'), text('to'), text('order'), text('cursor')];
  const key = view.key.flatMap((part) => {
    const value = parameters.get(`key.${part}`);
    return value === null ? [] : [[part, value] as const];
  });
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(parameters.has('grain') ? { grain: parameters.get('grain') } : {}),
    ...(orderBy === undefined ? {} : { orderBy }),
    ...(cursor === undefined ? {} : { cursor }),
    ...(limit === null ? {} : { limit: Number(limit) }),
    key: Object.fromEntries(key),
  } as AnyQuery;
}
