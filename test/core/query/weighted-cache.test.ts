import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WeightedCache } from '../../../core/query/weighted-cache.ts';

test('what was used last stays, up to the weight', () => {
  const cache = new WeightedCache<number>(10);
  cache.set('a', 1, 4);
  cache.set('b', 2, 4);
  expect(cache.get('a')).toBe(1);
  cache.set('c', 3, 4);
  expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual([1, undefined, 3]);
});

test('a value set again counts once', () => {
  const cache = new WeightedCache<number>(10);
  for (let i = 0; i < 100; i += 1) cache.set('a', i, 5);
  cache.set('b', 0, 5);
  expect([cache.get('a'), cache.get('b')]).toEqual([99, 0]);
});

test('a value over the whole weight is kept alone, until the next one', () => {
  const cache = new WeightedCache<number>(10);
  cache.set('a', 1, 1);
  cache.set('huge', 2, 100);
  expect([cache.get('a'), cache.get('huge')]).toEqual([undefined, 2]);
  cache.set('b', 3, 1);
  expect([cache.get('huge'), cache.get('b')]).toEqual([undefined, 3]);
});

test('it is a list by last use, cut where the weight is reached', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const call = fc.oneof(
    fc.record({ key, weight: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ key, weight: fc.constant(0) }),
  );
  fc.assert(
    fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
      const cache = new WeightedCache<number>(20);
      let model: { key: string; value: number; weight: number }[] = [];
      for (const [value, { key: name, weight }] of calls.entries()) {
        const held = model.find((one) => one.key === name);
        if (weight === 0) {
          expect(cache.get(name)).toBe(held?.value);
          if (held) model = [...model.filter((one) => one !== held), held];
          continue;
        }
        cache.set(name, value, weight);
        model = [...model.filter((one) => one !== held), { key: name, value, weight }];
        while (model.length > 1 && model.reduce((sum, one) => sum + one.weight, 0) > 20)
          model.shift();
      }
    }),
  );
});
