import type { Command } from './command.ts';

/** A command before it is loaded: `millrace --help` loads none. */
export interface Listed {
  readonly name: string;
  readonly summary: string;
  load(): Promise<{ readonly command: Command }>;
}

/** All commands, in the order of the help. */
export const commands: readonly Listed[] = [
  {
    name: 'start',
    summary: 'Stream three million real flights through a pipeline and serve the answers',
    load: () => import('./start.ts'),
  },
  {
    name: 'serve',
    summary: 'Take events and answer queries over HTTP, on a data folder',
    load: () => import('./serve.ts'),
  },
  {
    name: 'run',
    summary: 'Process a file to its end and print the rows of every view',
    load: () => import('./run.ts'),
  },
  {
    name: 'query',
    summary: 'Print rows of a view, from a data folder or a running server',
    load: () => import('./query.ts'),
  },
  {
    name: 'status',
    summary: 'Show position, lag, watermark and counts of every partition',
    load: () => import('./status.ts'),
  },
  {
    name: 'journal',
    summary: 'Show what the entries of one partition hold',
    load: () => import('./journal.ts'),
  },
  {
    name: 'dead-letters',
    summary: 'List the events that could not be counted, or show one with its reason',
    load: () => import('./dead-letters.ts'),
  },
  {
    name: 'late',
    summary: 'List the events that came too late for a view, or show one',
    load: () => import('./late.ts'),
  },
  {
    name: 'reference',
    summary: 'Put a new version of a reference table',
    load: () => import('./reference.ts'),
  },
  {
    name: 'simulate',
    summary: 'Run a pipeline under crashes, lost answers and redelivery, by seeds',
    load: () => import('./simulate.ts'),
  },
  {
    name: 'cost',
    summary: 'Show what a workload costs a month on AWS and Azure, and what would cost less',
    load: () => import('./cost.ts'),
  },
  {
    name: 'profile',
    summary: 'Measure what a pipeline takes on its own events, for millrace cost',
    load: () => import('./profile.ts'),
  },
  {
    name: 'emulator',
    summary: 'Run an Event Hubs for local work, which the official clients can use',
    load: () => import('./emulator.ts'),
  },
];
