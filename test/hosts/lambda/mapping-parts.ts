import type { PendingFaults } from '../pending-faults.ts';
import type { Wait } from '../wait.ts';
import type { OnLambdaEvent } from './lambda-events.ts';
import type { LambdaFaultKind } from './lambda-faults.ts';
import type { LambdaFunction } from './lambda-function.ts';
import type { MappingSettings } from './mapping-settings.ts';

/** What every event source mapping is made of. */
export interface MappingParts {
  readonly settings: MappingSettings;
  readonly target: LambdaFunction;
  readonly faults: PendingFaults<LambdaFaultKind>;
  /** How long it waits between polls that find nothing. */
  readonly pollMs: number;
  readonly now: () => number;
  /** How it waits between polls, for a window and before a retry. */
  readonly wait: Wait;
  readonly onEvent: OnLambdaEvent;
}

/** What becomes of a mapping, in the words of the service. */
export type MappingState = 'Creating' | 'Enabled' | 'Disabled';
