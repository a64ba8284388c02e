import { type Buckets, CountedColumn } from './counted-column.ts';
import type { Measure, MeasureOptions } from './measure.ts';

/** The names of a histogram's buckets: `below` the first edge, then `from0`, `from15` and so on. */
function bucketNames({ edges = [] }: MeasureOptions): string[] {
  return ['below', ...edges.map((edge) => `from${edge}`)];
}

function bucketsOf(options: MeasureOptions): Buckets {
  const { edges = [] } = options;
  const names = bucketNames(options);
  return {
    buckets: names.length,
    bucketOf(value) {
      let low = 0;
      let high = edges.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((edges[middle] as number) <= value) low = middle + 1;
        else high = middle;
      }
      return low;
    },
    result({ keys, counts, from, to }) {
      const result = Object.fromEntries(names.map((name) => [name, 0]));
      for (let i = from; i < to; i += 1) {
        result[names[keys[i] as number] as string] = counts[i] as number;
      }
      return result;
    },
  };
}

/** How many values of a field lie below the first of the given edges, and from each edge up to the next: exact. */
export const histogram: Measure = {
  ...{ takes: 'number', eventBytesMax: 20 },
  members: bucketNames,
  create: (options) => new CountedColumn(bucketsOf(options)),
  decode: (from, rows, options) => CountedColumn.decode(from, rows, bucketsOf(options)),
};
