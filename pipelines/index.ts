import { flights } from './flights.ts';

/**
 * The pipelines of this repository's stream: every app folds all of them from each delivered batch. Earthquakes are
 * another stream: `millrace run --pipeline pipelines/earthquakes.ts`.
 */
export const pipelines = [flights] as const;
