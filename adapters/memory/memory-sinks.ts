import type { Pipeline } from '../../core/pipeline.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { ObjectStore } from '../../core/ports/object-store.ts';
import type { ResultSink } from '../../core/ports/result-sink.ts';
import { QueueResultSink } from '../sinks/queue-result-sink.ts';
import { MemoryMessageQueue } from './memory-message-queue.ts';

/** A queue for each sink that the views of a pipeline name, which nobody reads. */
export function memorySinks(
  { plan }: Pipeline,
  clock: Clock,
  objects: ObjectStore,
): ReadonlyMap<string, ResultSink> {
  const names = plan.views.flatMap(({ publish }) => (publish === null ? [] : [publish.to]));
  const sinkOf = () => new QueueResultSink(new MemoryMessageQueue(clock), objects);
  return new Map(names.map((name) => [name, sinkOf()]));
}
