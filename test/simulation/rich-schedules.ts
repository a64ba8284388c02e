import type { Patch } from './patch.ts';

const setup = 'test/simulation/setup.ts';

/** Maintenance in every schedule: most lack what some bugs take to show. */
export const rounds: Patch = {
  file: setup,
  find: 'const rounds = random.chance(0.25) ? random.int(3, 6) : 0;',
  replace: 'const rounds = random.int(3, 6);',
};
/** Days that pass in every schedule. */
export const days: Patch = {
  file: setup,
  find: 'const jumps = random.chance(0.4);',
  replace: 'const jumps = true;',
};
/** Partitions that split or merge in most schedules. */
export const families: Patch = {
  file: setup,
  find: 'logs: random.chance(0.15) ?',
  replace: 'logs: random.chance(0.8) ?',
};

/** Publishers in every schedule with maintenance. */
export const publishers: Patch = {
  file: setup,
  find: 'rounds > 0 && fork.chance(0.6) ?',
  replace: 'rounds > 0 ?',
};

/** Windows that expire in every schedule. */
export const retention: Patch = {
  file: setup,
  find: 'if (!random.chance(0.2)) return setup;',
  replace: '',
};
