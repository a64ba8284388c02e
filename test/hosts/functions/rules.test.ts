import { describe, expect, it } from 'vitest';
import { match, routesOf } from './http-routes.ts';
import { parseNcrontab } from './ncrontab.ts';
import { partitionToClaim } from './partition-balance.ts';
import { retryDelayMs } from './retry-policy.ts';

describe('schedules', () => {
  const after = (expression: string, time: string) =>
    new Date(parseNcrontab(expression).next(Date.parse(time))).toISOString();

  it.each([
    ['*/15 * * * * *', '2026-11-03T09:15:14.999Z', '2026-11-03T09:15:15.000Z'],
    ['*/15 * * * * *', '2026-11-03T09:15:15.000Z', '2026-11-03T09:15:30.000Z'],
    ['0 * * * * *', '2026-11-03T09:59:00.000Z', '2026-11-03T10:00:00.000Z'],
    ['* * * * *', '2026-11-03T09:59:00.000Z', '2026-11-03T10:00:00.000Z'],
    ['30 5-10/5 0,12 * * *', '2026-11-03T12:05:30.000Z', '2026-11-03T12:10:30.000Z'],
    ['0 0 0 1 1 *', '2026-11-03T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['0 0 0 29 2 *', '2026-11-03T00:00:00.000Z', '2028-02-29T00:00:00.000Z'],
    ['0 30 9 * * 1-5', '2026-11-06T09:30:00.000Z', '2026-11-09T09:30:00.000Z'],
  ])('%s after %s is %s', (expression, time, next) => {
    expect(after(expression, time)).toBe(next);
  });

  it.each(['* * * *', 'x * * * * *', '60 * * * * *', '5-1 * * * * *', '*/0 * * * * *'])(
    '%s is refused',
    (expression) => {
      expect(() => parseNcrontab(expression)).toThrow();
    },
  );

  it('one that never comes is refused when it is asked', () => {
    expect(() => parseNcrontab('0 0 0 31 2 *').next(0)).toThrow('never');
  });
});

describe('retry policies', () => {
  const backoff = {
    retryStrategy: 'exponentialBackoff',
    minimumInterval: { seconds: 1 },
    maximumInterval: { seconds: 60 },
  } as const;
  const delays = (maxRetryCount: number, count: number, random: number) =>
    Array.from({ length: count }, (_, i) =>
      retryDelayMs({ ...backoff, maxRetryCount }, i + 1, () => random),
    );

  it('wait longer with each failure, for ever', () => {
    expect(delays(-1, 8, 0.5)).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000,
    ]);
    expect(delays(-1, 3, 0)).toEqual([1_000, 1_800, 3_400]);
  });

  it('end after as many retries as they state', () => {
    expect(delays(2, 4, 0.5)).toEqual([1_000, 2_000, null, null]);
    expect(retryDelayMs(undefined, 1, () => 0)).toBeNull();
  });

  it('may wait equally long', () => {
    const fixed = { retryStrategy: 'fixedDelay', delayInterval: { seconds: 5 } } as const;
    expect(retryDelayMs({ ...fixed, maxRetryCount: 1 }, 1, () => 0)).toBe(5_000);
    expect(retryDelayMs({ ...fixed, maxRetryCount: 1 }, 2, () => 0)).toBeNull();
  });
});

describe('the balance of partitions', () => {
  const owners = (text: string) =>
    new Map([...text].map((owner, index) => [String(index), owner === '.' ? null : owner]));
  const claim = (text: string) => partitionToClaim(owners(text), 'm', () => 0);

  it.each([
    ['....', '0'],
    ['mm..', '2'],
    ['aa..', '2'],
    ['aaaa', '0'],
    ['maaa', '1'],
    ['mmaa', null],
    ['maa', null],
    ['aaa', '0'],
    ['a', null],
    ['ab', null],
    ['mmm.aa', null],
    ['mmmm.a', null],
    ['aabbm', null],
    ['aaabbm', '0'],
  ])('%s: %s is claimed', (text, expected) => {
    expect(claim(text)).toBe(expected);
  });

  it('is reached by any number of owners, from anywhere', () => {
    for (const names of ['m', 'ma', 'mab', 'mabc']) {
      for (let count = 1; count <= 9; count += 1) {
        const now = owners(names.at(-1)!.repeat(count));
        for (let moves = 0; moves < 100; moves += 1) {
          const me = names[moves % names.length]!;
          const partition = partitionToClaim(now, me, () => 0.99);
          if (partition !== null) now.set(partition, me);
        }
        const shares = [...names].map((name) => [...now.values()].filter((o) => o === name).length);
        expect(Math.max(...shares) - Math.min(...shares), `${names} ${count}`).toBeLessThan(2);
      }
    }
  });
});

describe('routes', () => {
  const http = (name: string, route: string | undefined, methods = ['GET']) => ({
    name,
    bindings: {
      req: { type: 'httpTrigger', direction: 'in', authLevel: 'anonymous', methods, route },
    },
  });
  const functions = [
    http('any', '{*path}'),
    http('view', 'views/{view}'),
    http('views', 'views/'),
    http('health', undefined),
    http('ingest', 'events', ['POST']),
    http('page', 'pages/{number?}'),
  ];
  const at = (method: string, path: string, prefix = 'api') => {
    const found = match(routesOf(functions, prefix), method, path);
    return found === null ? null : [found.route.functionName, { ...found.params }];
  };

  it.each([
    ['GET', '/api/views', ['views', {}]],
    ['GET', '/api/views/a%2Fb', ['view', { view: 'a/b' }]],
    ['GET', '/API/Health/', ['health', {}]],
    ['POST', '/api/events', ['ingest', {}]],
    ['PUT', '/api/events', null],
    ['GET', '/api/pages', ['page', {}]],
    ['GET', '/api/pages/3', ['page', { number: '3' }]],
    ['GET', '/api/a/b/c', ['any', { path: 'a/b/c' }]],
    ['GET', '/views', null],
    ['GET', '/api/views/%E0%A4%A', ['view', { view: '%E0%A4%A' }]],
  ])('%s %s goes to %j', (method, path, expected) => {
    expect(at(method, path)).toEqual(expected);
  });

  it('have no prefix where host.json says so', () => {
    expect(at('GET', '/views/v', '')).toEqual(['view', { view: 'v' }]);
    expect(at('GET', '/', '')).toEqual(['any', { path: '' }]);
  });

  it('with a constraint are refused', () => {
    expect(() => routesOf([http('x', 'a/{id:int}')], 'api')).toThrow('{id:int}');
  });
});
