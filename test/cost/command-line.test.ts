import { expect, it } from 'vitest';
import { commandOf, optionOf } from '../../cost/command-line.ts';
import { defaultWorkload, workloadOf } from '../../cost/workload.ts';
import { millrace } from '../cli/millrace.ts';

it('a workload as a command names what the defaults do not bring', () => {
  const command = (given: object) => commandOf(workloadOf(given)).replace('npx millrace cost', '');
  expect(command({})).toBe('');
  expect(command({ eventsPerSecond: 0.5, keys: 10 })).toBe(' --events-per-second 0.5 --keys 10');
  expect(command({ archive: true })).toBe(' --archive');
  // The peak that a shape has where none is given needs no words.
  expect(command({ shape: 'daily' })).toBe(' --shape daily');
  expect(command({ shape: 'daily', peakFactor: 1.5 })).toBe(' --shape daily --peak-factor 1.5');
});

it('a file is named as a shell takes it', () => {
  const command = (file: string) => commandOf(defaultWorkload, file);
  expect(command('my/profile.json')).toBe('npx millrace cost --profile my/profile.json');
  expect(command("it's here.json")).toBe("npx millrace cost --profile 'it'\\''s here.json'");
});

it('every field is an option of the command', async () => {
  const { stdout } = await millrace(['cost', '--help']);
  for (const field of Object.keys(defaultWorkload)) expect(stdout).toContain(`${optionOf(field)} `);
});
