import { flights } from './flights.ts';

/** The pipelines of this repository's stream: every app folds all of them from each delivered batch. */
export const pipelines = [flights] as const;
