import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** The adapter sets' contract suites are projects of their own: `npx vitest run --project local`. */
export default defineConfig({
  test: {
    // Many tests wait for a child process or an emulator, so that no core has to be left free for them.
    maxWorkers: availableParallelism(),
    projects: [
      project('unit', [
        'test/core/**/*.test.ts',
        'test/testing/**/*.test.ts',
        'pipelines/**/*.test.ts',
        'test/*.test.ts',
      ]),
      project('cost', ['test/cost/**/*.test.ts'], 60_000),
      project('memory', ['test/contract/memory*.test.ts', 'test/contract/compression.test.ts']),
      project('local', ['test/contract/local*.test.ts', 'test/local/**/*.test.ts']),
      project('azure', ['test/contract/azure*.test.ts', 'test/azure/**/*.test.ts'], 60_000),
      project('aws', ['test/contract/aws*.test.ts', 'test/aws/**/*.test.ts'], 60_000),
      project('hosts', ['test/hosts/**/*.test.ts'], 60_000),
      project('emulators', ['test/emulators/**/*.test.ts'], 60_000),
      project('golden', ['test/golden/**/*.test.ts']),
      project('simulation', ['test/simulation/**/*.test.ts'], 600_000),
      project('apps', ['test/apps/*.test.ts', 'test/cli/**/*.test.ts'], 60_000),
      project('azure-app', ['test/apps/azure/**/*.test.ts'], 300_000),
      project('aws-app', ['test/apps/aws/**/*.test.ts'], 300_000),
      project('clouds', ['test/apps/clouds/**/*.test.ts'], 300_000),
      project('fuzz', ['test/fuzz/**/*.test.ts'], 120_000),
      project('infra', ['test/infra/**/*.test.ts'], 60_000),
      project('oracle', ['test/oracle/**/*.test.ts'], 120_000),
    ],
  },
});

function project(name: string, include: string[], testTimeout = 10_000) {
  return { test: { name, include, testTimeout, hookTimeout: testTimeout } };
}
