import { randomInt } from 'node:crypto';

const seed = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31));
const factor = Number(process.env['FUZZ_RUNS'] ?? 0);

console.info(`fuzz: seed ${seed}; again: npm run fuzz -- --seed ${seed}`);

/** How often to run a property: so often in CI, or as the command line says; with the seed that was printed. */
export function budget(numRuns: number): { readonly numRuns: number; readonly seed: number } {
  return { numRuns: factor > 0 ? factor : numRuns, seed };
}

/** Time within which any one call must be done, milliseconds: what takes longer hangs. */
export const callMsMax = 5_000;

/** The answer of a call that must not hang. */
export function prompt<T>(call: () => T): T {
  const before = performance.now();
  const answer = call();
  const took = performance.now() - before;
  if (took > callMsMax) throw new Error(`a call took ${Math.round(took)} ms`);
  return answer;
}
