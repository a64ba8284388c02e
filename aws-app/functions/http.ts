import { Hono } from 'hono';
import { handle, streamHandle } from 'hono/aws-lambda';
import { compression } from '../../adapters/compression.ts';
import { httpApp } from '../../adapters/http/http-app.ts';
import { HttpProblem } from '../../adapters/http/problem.ts';
import type { App } from '../composition.ts';

/**
 * Takes events, and answers queries: the same HTTP interface as everywhere, for those whose signature AWS knows. Each
 * function has the methods, and the rights, of its own half.
 */
export function httpHandlers({ config, served, publisher, clock, telemetry }: App) {
  const app = httpApp({
    pipelines: config.pipelines.map(({ name, plan }) => {
      return { plan, reader: served.get(name)!.reader };
    }),
    ...{ publisher, clock, compression },
    limits: config.limits,
    figures: () => telemetry.figures(),
    billedAt: [{ cloud: 'aws', store: 'items' }],
    // AWS asks for the signature, before it calls a function.
    access: { token: null, loopback: false, keyHeader: 'authorization' },
    report: (error) => console.error('http:', error),
  });
  const only = (...methods: string[]): Hono => {
    const door = new Hono();
    return door.all('*', ({ req }) =>
      methods.includes(req.method) ? app.fetch(req.raw) : elsewhere(req.method, methods),
    );
  };
  const taken = handle(only('POST'));
  const asked: StreamHandler = streamHandle(only('GET', 'HEAD'));
  return {
    ingest: async (...call: Parameters<typeof taken>) => {
      const response = await taken(...call);
      telemetry.flush();
      return response;
    },
    // An answer goes out while it is made: a live stream lasts for half a minute.
    query: awslambda.streamifyResponse(async (...call) => {
      await asked(...call);
      telemetry.flush();
    }),
  };
}

type StreamHandler = (event: never, stream: never, context: never) => unknown;

/** What the Lambda runtime gives to functions that answer by a stream. */
declare const awslambda: {
  streamifyResponse(handler: StreamHandler): StreamHandler;
};

function elsewhere(method: string, methods: readonly string[]): Response {
  const detail = `This function has no ${method}: events go to ingest, questions to query.`;
  return new HttpProblem(405, 'method', detail, {
    headers: { allow: methods.join(', ') },
  }).response();
}
