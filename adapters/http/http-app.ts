import { type Context, Hono } from 'hono';
import { accepts } from 'hono/accepts';
import { forAllRows } from '../../core/query/format.ts';
import type { BilledAt } from '../../cost/used.ts';
import type { Figure } from '../memory/memory-telemetry.ts';
import { type Access, checkAccess } from './access.ts';
import { home } from './home.ts';
import { Ingest, type IngestParts } from './ingest.ts';
import { Live } from './live.ts';
import { openapi } from './openapi.ts';
import { fileOf, type Page } from './page.ts';
import { askingOf } from './parameters.ts';
import { HttpProblem, problemOf } from './problem.ts';
import { statusOf } from './status.ts';
import { addressedViews, findView, listViews, queryView, type ServedPipeline } from './views.ts';

/** What the HTTP interface is made of. */
export interface HttpParts extends Omit<IngestParts, 'plans'> {
  readonly pipelines: readonly ServedPipeline[];
  /** The figures of the running process, for the status. */
  readonly figures: () => readonly Figure[];
  /** The clouds whose bill the status shows. */
  readonly billedAt: readonly BilledAt[];
  readonly access: Access;
  /** Pages for people, beside the one at `/`; none by default. */
  readonly pages?: readonly Page[];
  /** Hears of errors that are none of the caller's making, with their cause. */
  readonly report: (error: unknown) => void;
}

/** One operation. `path` is as OpenAPI writes it. */
interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Needs no token. */
  readonly open?: true;
  readonly handle: (context: Context) => Response | Promise<Response>;
}

/** Nothing here may be cached, sniffed, framed or scripted. */
const headers = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** The HTTP interface for any host that speaks Request and Response. It starts nothing and keeps no connection. */
export function httpApp(parts: HttpParts): Hono {
  const app = new Hono();
  const routes = [...routesOf(parts), ...(parts.pages ?? []).flatMap(pageRoutes)];
  const open = new Set(routes.filter((route) => route.open).map(({ path }) => path));
  app.use(async (context, next) => {
    await checkAccess(context.req.raw, parts.access, open.has(context.req.path));
    await next();
  });
  for (const route of routes) app.on(route.method, honoPath(route.path), route.handle);
  for (const path of new Set(routes.map((route) => route.path))) {
    const methods = routes.filter((route) => route.path === path).map((route) => route.method);
    const allow = methods.map((method) => (method === 'GET' ? 'GET, HEAD' : method)).join(', ');
    app.all(honoPath(path), ({ req }) => {
      const detail = `${req.method} is not a method of ${req.path}; use ${allow}.`;
      throw new HttpProblem(405, 'method', detail, { headers: { allow } });
    });
  }
  app.notFound(({ req }) => sealed(nothingAt(req.path).response()));
  app.onError((error) => {
    const problem = problemOf(error);
    const known = error instanceof HttpProblem;
    if (problem.problem.status >= 500 && (!known || error.cause !== undefined)) {
      parts.report(known ? error.cause : error);
    }
    return sealed(problem.response());
  });
  return app;
}

/** The operations of the interface, as OpenAPI writes them: `GET /v1/views`. */
export function operationsOf(parts: HttpParts): string[] {
  return routesOf(parts).map(({ method, path }) => `${method} ${path}`);
}

function routesOf(parts: HttpParts): Route[] {
  const { pipelines, figures, billedAt } = parts;
  const live = new Live(parts);
  const ingest = new Ingest({ ...parts, plans: pipelines.map(({ plan }) => plan) });
  const description = openapi(pipelines, parts.limits, parts.access);
  return [
    { method: 'GET', path: '/', handle: () => html(home(pipelines, parts.pages ?? [])) },
    { method: 'GET', path: '/openapi.json', handle: () => json(description) },
    {
      method: 'POST',
      path: '/v1/events',
      handle: async ({ req }) => sealed(await ingest.post(req.raw)),
    },
    { method: 'GET', path: '/v1/health', open: true, handle: () => json({ status: 'ok' }) },
    {
      method: 'GET',
      path: '/v1/status',
      handle: async () => json(await statusOf(pipelines, figures(), billedAt)),
    },
    { method: 'GET', path: '/v1/views', handle: () => json(listViews(pipelines)) },
    {
      method: 'GET',
      path: '/v1/views/{view}',
      handle: async (context) => {
        const { req } = context;
        const supports = ['application/json', 'text/csv'];
        const asked = accepts(context, { header: 'Accept', supports, default: 'application/json' });
        const wishes = {
          ifNoneMatch: req.header('if-none-match') ?? null,
          csv: asked === 'text/csv',
        };
        const name = req.param('view') ?? '';
        return sealed(await queryView(pipelines, name, new URL(req.url), parts.limits, wishes));
      },
    },
    {
      method: 'GET',
      path: '/v1/live',
      handle: async ({ req }) => sealed(await watch(parts, live, req.raw)),
    },
  ];
}

/** A page and its files. They are no operations of the interface. */
function pageRoutes(page: Page): Route[] {
  const handle = (context: Context): Response => {
    const file = fileOf(page, context);
    if (file === null) throw nothingAt(context.req.path);
    return sealed(file);
  };
  return ['', '/*'].map((below) => ({ method: 'GET', path: page.path + below, handle }));
}

function nothingAt(path: string): HttpProblem {
  return new HttpProblem(404, 'not-found', `There is nothing at ${path}; see /openapi.json.`);
}

/** `GET /v1/live`: what a browser says of the last event that it has goes before what stands in its URL. */
async function watch(
  { pipelines, limits }: HttpParts,
  live: Live,
  raw: Request,
): Promise<Response> {
  const { searchParams } = new URL(raw.url);
  const { pipeline, view } = findView(addressedViews(pipelines), searchParams.get('view') ?? '');
  const { query, since } = askingOf(searchParams, view, limits, 'live');
  // Whoever asks for the head alone reads no stream to its end.
  if (raw.method === 'HEAD') {
    return new Response(null, { headers: { 'content-type': 'text/event-stream' } });
  }
  const last = raw.headers.get('last-event-id') || since;
  // All rows: where only the first come, a window that begins would never be seen.
  const all = forAllRows(query, limits);
  return live.answer({ reader: pipeline.reader, view: view.name, query: all, since: last });
}

function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

function json(value: object): Response {
  return text(JSON.stringify(value));
}

function text(body: string): Response {
  return sealed(new Response(body, { headers: { 'content-type': 'application/json' } }));
}

function html(body: string): Response {
  return sealed(new Response(body, { headers: { 'content-type': 'text/html; charset=utf-8' } }));
}

function sealed(response: Response): Response {
  for (const [name, value] of Object.entries(headers)) {
    if (!response.headers.has(name)) response.headers.set(name, value);
  }
  return response;
}
