import { describe, expect, it } from 'vitest';
import type { Clock } from '../../core/ports/clock.ts';
import { type Factory, subjectOf } from './subject.ts';

/** What every Clock must do. It has no transport that could fail. */
export function clockContract(factory: Factory<Clock>): void {
  describe('Clock', () => {
    it('tells whole epoch milliseconds that do not go back', async () => {
      const { port, pass } = await subjectOf(factory);
      const before = port.now();
      expect(Number.isSafeInteger(before)).toBe(true);
      await pass(0);
      expect(port.now()).toBeGreaterThanOrEqual(before);
    });

    it('wakes a sleeper no earlier than asked for', async () => {
      const { port, pass } = await subjectOf(factory);
      for (const ms of [1, 2, 3]) {
        const before = port.now();
        const woken = port.sleep(ms).then(() => port.now());
        await pass(ms / 1000);
        expect(await woken).toBeGreaterThanOrEqual(before + ms);
      }
    });

    it('wakes sleepers in the order of their times', async () => {
      const { port, pass } = await subjectOf(factory);
      const woken: number[] = [];
      // Far enough apart for a machine that has much else to do.
      const sleeps = [80, 1, 30].map((ms) => port.sleep(ms).then(() => woken.push(ms)));
      await pass(0.08);
      await Promise.all(sleeps);
      expect(woken).toEqual([1, 30, 80]);
    });

    it('does not hold up who sleeps for no time', async () => {
      const { port } = await subjectOf(factory);
      expect(await port.sleep(0)).toBeUndefined();
      expect(await port.sleep(-1)).toBeUndefined();
    });
  });
}
