/** A point of a measured curve. */
export type Point = readonly [x: number, y: number];

/**
 * The value of a measured curve: between two points on the straight line of their logarithms, before the first in
 * proportion to it, behind the last one as flat as `tail` says: in proportion, or as it is.
 */
export function onCurve(points: readonly Point[], x: number, tail: 'rises' | 'stays'): number {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || x <= 0) return 0;
  if (x <= first[0]) return (first[1] * x) / first[0];
  if (x >= last[0]) return tail === 'rises' ? (last[1] * x) / last[0] : last[1];
  const next = points.findIndex(([at]) => at >= x);
  const [x0, y0] = points[next - 1] as Point;
  const [x1, y1] = points[next] as Point;
  if (y0 <= 0 || y1 <= 0) return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
  const at = Math.log(x / x0) / Math.log(x1 / x0);
  return y0 * (y1 / y0) ** at;
}

/** The value of a measured curve that is nearly a line: straight between two points, and on from the last two. */
export function onLine(points: readonly Point[], x: number): number {
  const [first, second] = points;
  if (first === undefined) return 0;
  if (second === undefined) return first[1];
  const found = points.findIndex(([at]) => at >= x);
  const next = found < 0 ? points.length - 1 : Math.max(1, found);
  const [x0, y0] = points[next - 1] as Point;
  const [x1, y1] = points[next] as Point;
  return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}
