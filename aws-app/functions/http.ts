import { Hono } from 'hono';
import { handle } from 'hono/aws-lambda';
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
    // AWS asks for the signature, before it calls a function.
    access: { token: null, loopback: false, keyHeader: 'authorization' },
    report: (error) => console.error('http:', error),
  });
  const only = (...methods: string[]) => {
    const door = new Hono();
    door.all('*', ({ req }) =>
      methods.includes(req.method) ? app.fetch(req.raw) : elsewhere(req.method, methods),
    );
    const answer = handle(door);
    return async (...call: Parameters<typeof answer>) => {
      const response = await answer(...call);
      telemetry.flush();
      return response;
    };
  };
  return { ingest: only('POST'), query: only('GET', 'HEAD') };
}

function elsewhere(method: string, methods: readonly string[]): Response {
  const detail = `This function has no ${method}: events go to ingest, questions to query.`;
  return new HttpProblem(405, 'method', detail, {
    headers: { allow: methods.join(', ') },
  }).response();
}
