/** A pipeline file as a user writes it, and its input with all that can befall an event. */
export const clicksPipeline = `import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';

export const clicks = definePipeline({
  name: 'clicks',
  schema: Type.Object({
    id: Type.String(),
    at: Type.String({ format: 'date-time' }),
    who: Type.String(),
    price: Type.Number(),
  }),
  id: 'id',
  time: 'at',
  partitionKey: 'who',
  transform: (click) => (click.who === 'robot' ? null : click),
  views: (on) => ({
    byWho: on.view({
      key: ['who'],
      window: tumbling('1m'),
      lateness: '1m',
      measures: {
        clicks: on.count(),
        spent: on.sum('price', { scale: 2 }),
        mean: on.mean('price', { scale: 2 }),
        dearest: on.max('price'),
      },
    }),
    all: on.view({ key: [], window: tumbling('10m'), measures: { clicks: on.count() } }),
  }),
});
`;

/**
 * Worked out by hand, on one partition in this order. Line 3 repeats the id that line 1 gets; 4 is no JSON, 5 breaks
 * the schema, 6 is filtered; 7 moves the watermark to 00:05:00, so that 8 is too late for its minute (end 00:01 +
 * 1 min), but not for its ten.
 */
export const clicksInput = `{"at":"2026-01-01T00:00:05Z","who":"ann","price":1.25}
{"at":"2026-01-01T00:00:07Z","who":"bob","price":2}
{"id":"clicks.ndjson:1","at":"2026-01-01T00:00:08Z","who":"ann","price":9}
nonsense
{"at":"2026-01-01T00:00:09Z","who":"ann","price":"x"}
{"at":"2026-01-01T00:00:10Z","who":"robot","price":1}
{"at":"2026-01-01T00:05:00Z","who":"ann","price":0.5}
{"at":"2026-01-01T00:00:30Z","who":"bob","price":3}
{"at":"2026-01-01T00:05:59.999Z","who":"ann","price":1}
`;

/** What `millrace run --json --partitions 1` prints of it. */
export const clicksOutput = `\
{"view":"all","key":{},"start":"2026-01-01T00:00:00.000Z","end":"2026-01-01T00:10:00.000Z","final":true,"measures":{"clicks":5}}
{"view":"byWho","key":{"who":"ann"},"start":"2026-01-01T00:00:00.000Z","end":"2026-01-01T00:01:00.000Z","final":true,"measures":{"clicks":1,"spent":1.25,"mean":1.25,"dearest":1.25}}
{"view":"byWho","key":{"who":"bob"},"start":"2026-01-01T00:00:00.000Z","end":"2026-01-01T00:01:00.000Z","final":true,"measures":{"clicks":1,"spent":2,"mean":2,"dearest":2}}
{"view":"byWho","key":{"who":"ann"},"start":"2026-01-01T00:05:00.000Z","end":"2026-01-01T00:06:00.000Z","final":true,"measures":{"clicks":2,"spent":1.5,"mean":0.75,"dearest":1}}
{"summary":{"received":9,"accepted":5,"duplicates":1,"filtered":1,"deadLettered":2,"views":{"all":{"offered":5,"counted":5,"late":0},"byWho":{"offered":5,"counted":4,"late":1}}}}
`;
