import { describe, expect, it } from 'vitest';
import { onCurve } from '../../cost/curve.ts';
import { defaultWorkload, levelsOf, peakOf, workloadOf } from '../../cost/workload.ts';

describe('a workload', () => {
  it('has the defaults where nothing is said', () => {
    expect(workloadOf({})).toEqual(defaultWorkload);
    expect(workloadOf({ shape: 'daily' })).toMatchObject({ shape: 'daily', peakFactor: 2 });
    expect(workloadOf({ shape: 'bursty' }).peakFactor).toBe(10);
    expect(peakOf(workloadOf({ eventsPerSecond: 10, shape: 'daily' }))).toBe(20);
  });

  it('is refused with all that is wrong', () => {
    const wrong = {
      ...{ eventsPerSecond: -1, partitions: 1.5, retentionHours: 'long', archive: 'yes' },
      ...{ shape: 'daily', peakFactor: 3, eventsPerMinute: 1 },
    };
    expect(() => workloadOf(wrong)).toThrow(
      expect.objectContaining({
        code: 'request',
        problems: [
          expect.stringMatching(/^there is no eventsPerMinute; there are eventsPerSecond, shape/),
          'eventsPerSecond must be a number from 0 to 10,000,000, not -1',
          'partitions must be a whole number from 1 to 10,000, not 1.5',
          'retentionHours must be a number from 1 to 168, not "long"',
          'peakFactor of a daily workload is at most 2: 3',
          'archive must be true or false',
        ],
      }),
    );
    expect(() => workloadOf([])).toThrow('a workload is an object');
    expect(() => workloadOf({ shape: 'square' })).toThrow('shape must be one of flat, daily');
    expect(() => workloadOf({ eventBytes: 10_000, recordEvents: 1_000 })).toThrow('8 MB');
    expect(() => workloadOf({ keys: null })).not.toThrow();
    expect(() => workloadOf({ partitions: null })).toThrow('partitions must be');
  });

  it('has no field but its own, and says what number it was', () => {
    expect(() => workloadOf({ toString: 1 })).toThrow('there is no toString; there are events');
    expect(() => workloadOf({ eventsPerSecond: Number.POSITIVE_INFINITY })).toThrow(
      'eventsPerSecond must be a number from 0 to 10,000,000, not Infinity',
    );
  });

  it('with bursts is at its peak for a twentieth of the time', () => {
    const levels = levelsOf(workloadOf({ eventsPerSecond: 100, shape: 'bursty', peakFactor: 20 }));
    expect(levels).toEqual([
      { share: 0.05, eventsPerSecond: 2_000 },
      { share: 0.95, eventsPerSecond: 0 },
    ]);
  });
});

describe('a measured curve', () => {
  const points = [
    [10, 100],
    [1_000, 10_000],
    [4_000, 20_000],
  ] as const;

  it('goes through its points, and straight between their logarithms', () => {
    for (const [x, y] of points) expect(onCurve(points, x, 'rises')).toBeCloseTo(y, 9);
    expect(onCurve(points, 100, 'rises')).toBeCloseTo(1_000, 9);
    // From 10,000 to 20,000 while x grows fourfold: half way in logarithms is the root of two.
    expect(onCurve(points, 2_000, 'rises')).toBeCloseTo(10_000 * Math.SQRT2, 6);
  });

  it('is in proportion before its first point, and behind the last one as it is told', () => {
    expect(onCurve(points, 1, 'stays')).toBe(10);
    expect(onCurve(points, 8_000, 'rises')).toBe(40_000);
    expect(onCurve(points, 8_000, 'stays')).toBe(20_000);
    expect(onCurve(points, 0, 'rises')).toBe(0);
    expect(onCurve([], 5, 'rises')).toBe(0);
  });

  it('may touch zero', () => {
    const flat = [
      [1, 0],
      [3, 10],
    ] as const;
    expect(onCurve(flat, 2, 'stays')).toBe(5);
  });
});
