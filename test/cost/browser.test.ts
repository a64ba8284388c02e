import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { estimateOf } from '../../cost/estimate.ts';
import { workloadOf } from '../../cost/workload.ts';
import { book, profile } from './shipped.ts';

const bytesMax = 100_000;

it('the model runs where there is nothing but the language, and gives the same to the last bit', async () => {
  const { outputFiles } = await build({
    stdin: {
      contents:
        "export { estimateOf } from './cost/estimate.ts';\n" +
        "export { workloadOf } from './cost/workload.ts';\n",
      resolveDir: fileURLToPath(new URL('../..', import.meta.url)),
      loader: 'ts',
    },
    ...{ bundle: true, platform: 'browser', format: 'iife', globalName: 'cost', write: false },
  });
  const [code] = outputFiles;
  expect(code!.text.length).toBeLessThan(bytesMax);
  const given = { eventsPerSecond: 300, shape: 'daily', queriesPerSecond: 2 };
  // No process, no fetch, no timers: only what the language has.
  const sandbox = { input: JSON.stringify({ given, profile, book }), output: '' };
  runInNewContext(
    // A global is looked up through the sandbox each time, which takes long: this one is made local.
    `((Math) => {
      ${code!.text};
      const { given, profile, book } = JSON.parse(input);
      const of = (cloud) => cost.estimateOf(cloud, cost.workloadOf(given), profile, book);
      output = JSON.stringify([of('aws'), of('azure')]);
    })(Math)`,
    sandbox,
  );
  const clouds = ['aws', 'azure'] as const;
  const expected = clouds.map((cloud) => estimateOf(cloud, workloadOf(given), profile, book));
  expect(sandbox.output).toBe(JSON.stringify(expected));
});
