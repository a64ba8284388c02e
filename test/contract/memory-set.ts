import type { Fault } from '../../adapters/memory/fault.ts';
import { ManualClock } from '../../adapters/memory/manual-clock.ts';
import { MemoryEventPublisher } from '../../adapters/memory/memory-event-publisher.ts';
import { MemoryLog } from '../../adapters/memory/memory-log.ts';
import { MemoryMessageQueue } from '../../adapters/memory/memory-message-queue.ts';
import { MemoryObjectStore } from '../../adapters/memory/memory-object-store.ts';
import { MemoryStateStore } from '../../adapters/memory/memory-state-store.ts';
import { MemoryStreamReader } from '../../adapters/memory/memory-stream-reader.ts';
import { MemoryTelemetry } from '../../adapters/memory/memory-telemetry.ts';
import { MillraceError } from '../../core/errors.ts';
import type { AdapterSet } from './adapter-sets.ts';
import type { Subject } from './subject.ts';

/** The adapters in memory, where every instance of a store is the same one. */
export const memorySet: AdapterSet = {
  stateStore: async () => subject((fault) => new MemoryStateStore({ fault })),
  objectStore: async () =>
    subject((fault) => new MemoryObjectStore({ fault, objectBytesMax: 4_000_000 })),
  messageQueue: async () => subject((fault, clock) => new MemoryMessageQueue(clock, { fault })),
  stream: async () =>
    subject((fault, clock) => {
      const log = new MemoryLog(3);
      return {
        publisher: new MemoryEventPublisher(log, clock, { fault }),
        reader: new MemoryStreamReader(log, { fault }),
      };
    }),
  clock: async () => subject((_, clock) => clock),
  telemetry: async () => subject(() => new MemoryTelemetry()),
};

function subject<Port>(make: (fault: Fault, clock: ManualClock) => Port): Subject<Port> {
  const clock = new ManualClock(1_700_000_000_000);
  let error: Error | undefined;
  const port = make(() => {
    if (error !== undefined) throw error;
  }, clock);
  const fail = (next: Error) => () => {
    error = next;
  };
  return {
    port,
    another: () => port,
    failures: [
      {
        name: 'a broken connection',
        code: 'unavailable',
        hits: 'all',
        inject: fail(new Error('ECONNRESET')),
      },
      {
        name: 'a full lane',
        code: 'throttled',
        hits: 'all',
        inject: fail(new MillraceError('throttled', 'slow down')),
      },
    ],
    pass: (seconds) => clock.advance(seconds * 1000),
    cleanup: () => undefined,
  };
}
