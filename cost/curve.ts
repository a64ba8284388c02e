/** A point of a measured curve. */
export type Point = readonly [x: number, y: number];

/** What comes behind the last point of a curve: values in proportion to it, or as it is. */
export type Tail = 'rises' | 'stays';

/**
 * The value of a measured curve: between two points on the straight line of their logarithms, before the first in
 * proportion to it, behind the last one as `tail` says.
 */
export function onCurve(points: readonly Point[], x: number, tail: Tail): number {
  return curveThrough(points, tail)(x);
}

/** The same curve for many values. */
export function curveThrough(points: readonly Point[], tail: Tail): (x: number) => number {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return () => 0;
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  return (x) => {
    if (x <= 0) return 0;
    if (x <= first[0]) return (first[1] * x) / first[0];
    if (x >= last[0]) return tail === 'rises' ? (last[1] * x) / last[0] : last[1];
    let [next, behind] = [1, points.length - 1];
    while (next < behind) {
      const middle = (next + behind) >> 1;
      if ((points[middle] as Point)[0] < x) next = middle + 1;
      else behind = middle;
    }
    const [x0, y0] = points[next - 1] as Point;
    const [x1, y1] = points[next] as Point;
    if (y0 <= 0 || y1 <= 0) return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
    const [from, low] = logs[next - 1] as readonly [number, number];
    const [to, high] = logs[next] as readonly [number, number];
    return Math.exp(low + ((high - low) * (Math.log(x) - from)) / (to - from));
  };
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
  return x1 === x0 ? y0 : y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}
