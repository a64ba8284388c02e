import { app, type HttpHandler } from '@azure/functions';
import { functionResponse, webRequest } from '../../adapters/azure/functions-http.ts';
import { compression } from '../../adapters/compression.ts';
import { httpApp } from '../../adapters/http/http-app.ts';
import type { App } from '../composition.ts';

/** Takes events, and answers queries: the same HTTP interface as everywhere, behind the keys of the functions. */
export function registerHttp(started: Promise<App>): void {
  const served = started.then((millrace) => {
    const { config, publisher, clock, telemetry } = millrace;
    return httpApp({
      pipelines: config.pipelines.map(({ name, plan }) => {
        return { plan, reader: millrace.served.get(name)!.reader };
      }),
      ...{ publisher, clock, compression },
      limits: config.limits,
      figures: () => telemetry.figures(),
      billedAt: [{ cloud: 'azure', store: config.stateStore.kind === 'blob' ? 'blobs' : 'items' }],
      // The host asks for the key, before it calls a function.
      access: { token: null, loopback: false, keyHeader: 'x-functions-key' },
      report: (error) => console.error('http:', error),
    });
  });
  // Whoever awaits it hears of a failure; this keeps it from ending the worker before.
  served.catch(() => {});
  const handler: HttpHandler = async (request) => {
    const response = await (await served).fetch(webRequest(request));
    const { telemetry } = await started;
    telemetry.flush();
    return functionResponse(response);
  };
  // Without it the host drops a body that comes in chunks, of no length known before, and holds back answers until
  // they are whole.
  app.setup({ enableHttpStream: true });
  const authLevel = 'function';
  app.http('ingest', { methods: ['POST'], authLevel, route: 'v1/events', handler });
  app.http('query', { methods: ['GET', 'HEAD'], authLevel, route: '{*path}', handler });
}
