import { compression } from '../adapters/compression.ts';
import { httpApp } from '../adapters/http/http-app.ts';
import { everyCloud } from '../adapters/http/used.ts';
import { isLoopback } from '../adapters/loopback.ts';
import type { NamedObject } from '../core/references/references.ts';
import { type App, compose } from './composition.ts';
import type { LocalConfig } from './config.ts';
import { type CostSources, costPage } from './cost-page.ts';
import { checkDataFolder, emptyFolder, type Held, holdFolder } from './data-folder.ts';
import { type OnTrouble, Pump } from './pump.ts';
import { refuseRun } from './run-input.ts';
import { checkServerOptions, type Listening, listen, type ServerOptions } from './server.ts';
import { checkLocalSinks } from './sinks.ts';

/** What runs: pipelines that are fed over HTTP, and answer there. */
export interface Running {
  readonly app: App;
  readonly pump: Pump;
  readonly url: string;
  /** Finishes what is under way, closes everything and lets go of the data folder. May be called again. */
  stop(): Promise<void>;
}

/** How to start. */
export interface StartOptions {
  readonly server: ServerOptions;
  /** Forgets what the data folder holds. */
  readonly fresh?: boolean;
  /** Reference tables to put before the first event. */
  readonly tables?: readonly NamedObject[];
  /** What the page of costs reckons with; by default what is shipped. */
  readonly cost?: CostSources;
  /** Hears of trouble that is none of a caller's making: of a partition, or of the HTTP server. */
  readonly onTrouble: OnTrouble;
}

const closeMs = 1_500;

/**
 * Starts an embedded Millrace: composition, pump and HTTP server in this process.
 *
 * @throws MillraceError `unavailable` when the folder is in use or the port is taken; `definition` for settings that
 * don't fit the folder, let in strangers or lack a sink; `request` when the folder holds something else.
 */
export async function start(config: LocalConfig, options: StartOptions): Promise<Running> {
  checkServerOptions(options.server);
  checkLocalSinks(config);
  let held: Held | null = null;
  let app: App | null = null;
  let listening: Listening | null = null;
  try {
    if (config.data !== null) {
      checkDataFolder(config.data);
      held = holdFolder(config.data);
      if (options.fresh) emptyFolder(config.data);
    }
    app = compose(config);
    await refuseRun(app);
    await checkJournals(app);
    for (const { name, bytes } of options.tables ?? []) await app.objects.put(name, bytes);
    listening = await serveHttp(app, options);
    const pump = new Pump(app, options.onTrouble);
    await pump.start();
    return running(app, pump, listening, held);
  } catch (error) {
    await listening?.close(0);
    app?.close();
    held?.release();
    throw error;
  }
}

/** A definition that no longer fits what is stored fails the start, not every batch after it. */
async function checkJournals({ served }: App): Promise<void> {
  for (const { reader } of served.values()) await reader.partitions();
}

function serveHttp(app: App, { server, cost, onTrouble }: StartOptions): Promise<Listening> {
  const { config, publisher, clock, telemetry } = app;
  const http = httpApp({
    pipelines: config.pipelines.map(({ name, plan }) => {
      return { plan, reader: app.served.get(name)!.reader };
    }),
    ...{ publisher, clock, compression },
    limits: config.limits,
    figures: () => telemetry.figures(),
    billedAt: everyCloud,
    access: { token: server.token, loopback: isLoopback(server.host), keyHeader: null },
    pages: [costPage(cost)],
    report: (error) => onTrouble('http', error),
  });
  return listen((request) => http.fetch(request), server);
}

function running(app: App, pump: Pump, listening: Listening, held: Held | null): Running {
  let stopped: Promise<void> | null = null;
  const stopAll = async (): Promise<void> => {
    // Requests under way still publish; the pump need not fold what they do, the next start does.
    await Promise.all([listening.close(closeMs), pump.stop()]);
    await app.publisher.close();
    app.close();
    held?.release();
  };
  const stop = (): Promise<void> => {
    stopped ??= stopAll();
    return stopped;
  };
  return { app, pump, url: listening.url, stop };
}
