import { describe, expect, it } from 'vitest';
import type { Telemetry } from '../../core/ports/telemetry.ts';
import { oddTexts } from './odd-texts.ts';
import { type Factory, subjectOf } from './subject.ts';

/**
 * What every Telemetry must do: never throw, never wait. Where figures go is for each adapter's own
 * tests.
 */
export function telemetryContract(factory: Factory<Telemetry>): void {
  describe('Telemetry', () => {
    it('takes every number and every label at once and without a throw', async () => {
      const { port } = await subjectOf(factory);
      for (const value of [0, 1, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60]) {
        expect(port.count('events_total', value, { pipeline: 'flights' })).toBeUndefined();
        expect(port.gauge('lag_seconds', value, {})).toBeUndefined();
        expect(port.record('commit_ms', value, { partition: '3' })).toBeUndefined();
      }
      for (const text of oddTexts) {
        expect(port.count('events_total', 1, { [text]: text })).toBeUndefined();
      }
    });

    it('does not throw while its transport fails', async () => {
      const count = (await subjectOf(factory)).failures.length;
      for (let index = 0; index < count; index += 1) {
        const { port, failures } = await subjectOf(factory);
        await failures[index]!.inject();
        expect(port.count('events_total', 1, {})).toBeUndefined();
      }
    });
  });
}
