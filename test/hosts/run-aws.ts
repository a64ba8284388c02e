#!/usr/bin/env node
/** `npm run aws`: the app for AWS in a stand-in for Lambda, over emulators, with demo traffic. */
import { join } from 'node:path';
import { defineCommand } from '../../cli/command.ts';
import { runScript } from '../../cli/script.ts';
import { bundleTo, startAwsApp } from './aws-app.ts';
import { awsPlaces, startAwsStage } from './aws-stage.ts';
import { demonstrate } from './demo.ts';
import { checkDemoPort, demoOptions, demoQueries, demoSettings } from './demo-options.ts';
import type { LambdaEvent } from './lambda/lambda-events.ts';

const root = join(import.meta.dirname, '../..');
/** As `npm run aws:build` has it. */
const taskRoot = join(root, 'dist/aws-app');

const command = defineCommand({
  name: 'aws',
  summary: 'Run the app for AWS on emulators, in a stand-in for Lambda',
  usage: 'aws -- [options]',
  options: {
    ...demoOptions,
    port: { ...demoOptions.port, default: '7072' },
    verbose: { type: 'boolean', description: 'Tells every invocation, checkpoint and log line' },
  },
  async run(values) {
    const { port, paceMs } = demoSettings(values);
    await checkDemoPort({ port, paceMs });
    const [stage] = await Promise.all([
      startAwsStage(),
      bundleTo(taskRoot, join(root, 'aws-app/main.ts')),
    ]);
    const places = await awsPlaces(stage, { name: 'flights', shards: 4 });
    let isEnding = false;
    const app = await startAwsApp(stage, places, {
      ...{ taskRoot, port, schedules: true },
      host: {
        onEvent: (event) => {
          if (values.verbose) console.log(JSON.stringify(event));
          // What is cut off at the end is no failure.
          else if (!isEnding) tell(event);
        },
      },
    });
    console.log(
      `Millrace runs as an AWS app on emulators, in five functions. Try:\n\n${demoQueries(app.url)}`,
    );
    const stop = async (): Promise<void> => {
      isEnding = true;
      await app.stop();
      await stage.stop();
    };
    await demonstrate({ url: app.url, headers: {}, stop }, paceMs);
    return 0;
  },
});

/** What a person should know without --verbose. */
function tell(event: LambdaEvent): void {
  if (event.kind === 'invocation' && event.error !== null) {
    console.log(`${event.functionName} failed: ${event.error}`);
  } else if (event.kind === 'trouble') console.log(`${event.where}: ${event.message}`);
  else if (event.kind === 'discarded') {
    console.log(`${event.records} records of ${event.partition} were given up: ${event.condition}`);
  } else if (event.kind === 'log' && event.message.includes('\tERROR\t')) {
    console.log(`${event.functionName}: ${event.message.replaceAll('\r', '\n')}`);
  }
}

await runScript(command);
