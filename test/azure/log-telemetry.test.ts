import { expect, test } from 'vitest';
import { figuresLine } from '../../adapters/azure/figures-line.ts';
import { LogTelemetry } from '../../adapters/log-telemetry.ts';
import { ManualClock } from '../../adapters/memory/manual-clock.ts';

function telemetry() {
  const clock = new ManualClock(0);
  const lines: string[] = [];
  const write = (line: string): void => {
    lines.push(line);
  };
  const log = new LogTelemetry({ clock, write, format: figuresLine, everySeconds: 60 });
  const figures = () =>
    lines.splice(0).map((line) => {
      const { millrace, figures } = JSON.parse(line);
      expect(millrace).toBe('figures');
      return figures;
    });
  return { clock, log, figures };
}

test('a line holds what has changed since the line before: counters by how much', () => {
  const { log, figures } = telemetry();
  const labels = { pipeline: 'p' };
  log.count('events', 2, labels);
  log.count('events', 3, labels);
  log.gauge('lag_seconds', 7, labels);
  log.flush(true);
  log.count('events', 4, labels);
  log.flush(true);
  log.flush(true);
  expect(figures()).toEqual([
    [
      { name: 'events', labels, value: 5, max: 3 },
      { name: 'lag_seconds', labels, value: 7, max: 7 },
    ],
    [{ name: 'events', labels, value: 4, max: 4 }],
  ]);
  expect(log.figures().map(({ name, value }) => [name, value])).toEqual([
    ['events', 9],
    ['lag_seconds', 7],
  ]);
});

test('lines come once a minute at most, unless one is due', async () => {
  const { clock, log, figures } = telemetry();
  log.count('events', 1, {});
  log.flush();
  expect(figures()).toEqual([]);
  await clock.advance(60_000);
  log.flush();
  log.count('events', 1, {});
  log.flush();
  expect(figures()).toHaveLength(1);
  log.flush(true);
  expect(figures()).toHaveLength(1);
});

test('many figures come in lines of a hundred, since a long line is cut', () => {
  const { log, figures } = telemetry();
  for (let partition = 0; partition < 250; partition += 1) {
    log.gauge('lag_seconds', 1, { partition: String(partition) });
  }
  log.flush(true);
  expect(figures().map((line) => line.length)).toEqual([100, 100, 50]);
});
