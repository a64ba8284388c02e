import type { Limits } from '../../core/limits.ts';
import type { Plan } from '../../core/plan.ts';
import { formats } from '../../core/query/format.ts';
import { ordersOf } from '../../core/query/select.ts';
import type { Access } from './access.ts';
import { answerSchema, fixedSchemas, list, ref, type Schema } from './schemas.ts';
import { type AddressedView, addressedViews, type ServedPipeline } from './views.ts';

/** The version of the HTTP interface. */
const version = '1';

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

/** The OpenAPI 3.1 description of the HTTP interface over these pipelines. */
export function openapi(
  pipelines: readonly ServedPipeline[],
  limits: Limits,
  access: Access,
): Schema {
  const views = addressedViews(pipelines);
  const events = pipelines.map(({ plan }) => [eventName(plan), eventSchema(plan)] as const);
  const answers = views.map((view) => [answerName(view), answerSchema(view.view)] as const);
  const security = securityOf(access);
  return {
    openapi: '3.1.0',
    info: { title: 'Millrace', version, description: 'Exact, live aggregates of events.' },
    ...security.all,
    paths: {
      '/': { get: get('Where to go from here', { 'text/html': { schema: { type: 'string' } } }) },
      '/openapi.json': { get: get('This description', json({ type: 'object' })) },
      '/v1/events': { post: postEvents(pipelines, limits) },
      '/v1/health': {
        get: { ...get('Whether the server answers', json(ref('Health'))), ...security.open },
      },
      '/v1/status': { get: get('How far pipelines and partitions are', json(ref('Status'))) },
      '/v1/views': { get: get('The views that can be asked for', json(ref('Views'))) },
      '/v1/views/{view}': { get: getView(views, limits) },
      '/v1/live': { get: getLive(views, limits) },
    },
    components: {
      schemas: { ...fixedSchemas, ...Object.fromEntries([...events, ...answers]) },
      ...security.schemes,
    },
  };
}

/** How a request shows that it may come. */
interface Security {
  readonly schemes: Schema;
  /** For all paths. */
  readonly all: Schema;
  /** For a path that the app leaves open. */
  readonly open: Schema;
}

function securityOf({ token, keyHeader }: Access): Security {
  const open = { security: [] };
  if (keyHeader !== null) {
    const key = { type: 'apiKey', in: 'header', name: keyHeader };
    // What is in front of the app knows nothing of paths that are open.
    return { schemes: { securitySchemes: { key } }, all: { security: [{ key: [] }] }, open: {} };
  }
  if (token === null) return { schemes: {}, all: {}, open };
  const bearer = { type: 'http', scheme: 'bearer' };
  return { schemes: { securitySchemes: { bearer } }, all: { security: [{ bearer: [] }] }, open };
}

function answerName({ pipeline, view }: AddressedView): string {
  return `Answer_${pipeline.plan.name}_${view.name}`;
}

function eventName({ name }: Plan): string {
  return `Event_${name}`;
}

/** The schema of a pipeline's events as it stands in the definition; one with references would not fit in here. */
function eventSchema({ schema }: Plan): Schema {
  return JSON.stringify(schema).includes('"$ref"') ? { type: 'object' } : schema;
}

function json(schema: Schema): Content {
  return { 'application/json': { schema } };
}

function response(description: string, content: Content): object {
  return { description, content };
}

function problem(description: string, schema = 'Problem'): object {
  return response(description, { 'application/problem+json': { schema: ref(schema) } });
}

function get(summary: string, content: Content): Schema {
  return { summary, responses: { 200: response('Here it is.', content), default: problem('No.') } };
}

function postEvents(pipelines: readonly ServedPipeline[], limits: Limits): Schema {
  const event: Schema = { anyOf: pipelines.map(({ plan }) => ref(eventName(plan))) };
  const bytes = `${limits.requestBytesMax} bytes, unpacked ${limits.requestUnpackedBytesMax}`;
  return {
    summary: 'Hands in events',
    description:
      `One event, an array or lines of them (NDJSON); plain, gzip or zstd. At most ` +
      `${limits.requestEventsMax} events and ${bytes}. Equal ids count once: send again what is not confirmed.`,
    requestBody: {
      required: true,
      content: {
        'application/json': { schema: { anyOf: [event, list(event)] } },
        'application/x-ndjson': { schema: { type: 'string' } },
      },
    },
    responses: {
      202: response('The stream has the accepted events.', json(ref('Accepted'))),
      400: problem('The body is no JSON.'),
      413: problem('The body is too large or holds too many events.'),
      415: problem('The body is of another type.'),
      422: problem('No event was accepted.', 'NothingAccepted'),
      503: problem('Not all events were taken: send them again later.', 'Unconfirmed'),
      default: problem('No.'),
    },
  };
}

function parameter(name: string, description: string, schema: Schema): object {
  return { name, in: 'query', description, schema };
}

/** The parameters that choose rows. */
function selecting(views: readonly AddressedView[], limits: Limits): object[] {
  const text: Schema = { type: 'string' };
  const parts = [...new Set(views.flatMap(({ view }) => view.key))];
  const orders = [...new Set(views.flatMap(({ view }) => ordersOf(view)))];
  const most = { type: 'integer', minimum: 1, maximum: limits.answerRowsMax };
  return [
    parameter('from', 'Windows that start at or after this time.', text),
    parameter('to', 'Windows that start before this time.', text),
    parameter(
      'grain',
      'Rows of longer windows: a multiple of the length of the tumbling windows, or `all` for one row per key.',
      { type: 'string', examples: ['1h', 'all'] },
    ),
    parameter('group', 'Rows by these parts of the key, merged; empty for one row per window.', {
      ...list({ enum: [...parts, ''] }),
    }),
    parameter('order', 'By a measure, - for the largest first; else by start and key.', {
      enum: orders.flatMap((name) => [name, `-${name}`]),
    }),
    parameter('top', 'The first so many rows of each window, windows by start.', most),
    parameter('limit', 'Rows of the answer; 100 if not given, of series and CSV all.', most),
    parameter('since', 'The `token` of the answer before: only what has changed.', text),
    ...parts.flatMap((part) => [
      parameter(`key.${part}`, `Rows whose ${part} is this.`, text),
      parameter(`prefix.${part}`, `Rows whose ${part} begins with this.`, text),
    ]),
  ];
}

function getView(views: readonly AddressedView[], limits: Limits): Schema {
  const ofRows = views.map((view) => ref(answerName(view)));
  const content = {
    ...json({ anyOf: [...ofRows, ref('Series')] }),
    'text/csv': { schema: { type: 'string' } },
  };
  return {
    summary: 'The rows of a view',
    description: 'An answer has an ETag of what was asked and the state: send If-None-Match.',
    parameters: [
      {
        ...{ name: 'view', in: 'path', required: true },
        schema: { enum: views.map(({ address }) => address) },
      },
      ...selecting(views, limits),
      parameter('cursor', '`next` of the answer before.', { type: 'string' }),
      parameter('format', 'CSV also by Accept: text/csv.', { enum: formats }),
    ],
    responses: {
      200: response('The rows.', content),
      304: { description: 'The answer that the client has still holds.' },
      400: problem('A parameter is wrong; all that is wrong is listed.'),
      404: problem('There is no such view.'),
      503: problem('This instance has not yet seen what the token has: ask again.'),
      default: problem('No.'),
    },
  };
}

function getLive(views: readonly AddressedView[], limits: Limits): Schema {
  return {
    summary: 'The rows of a view and their changes, as server-sent events',
    description:
      'Each event is an answer as with `since`, its id the token: Last-Event-ID goes on there. ' +
      `The stream ends after ${limits.liveSecondsMax} seconds; come back then.`,
    parameters: [
      {
        ...parameter('view', 'The view.', { enum: views.map(({ address }) => address) }),
        required: true,
      },
      ...selecting(views, limits),
    ],
    responses: {
      200: response('The stream.', { 'text/event-stream': { schema: { type: 'string' } } }),
      400: problem('A parameter is wrong; all that is wrong is listed.'),
      404: problem('There is no such view.'),
      503: problem('Too many streams are open.'),
      default: problem('No.'),
    },
  };
}
