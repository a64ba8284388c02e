import rhea from 'rhea';
import { notFound, Refusal } from './conditions.ts';
import type { Hub, Partition } from './hub.ts';
import { long } from './rhea-internals.ts';

/**
 * What a hub or a partition tells about itself.
 *
 * @throws Refusal
 */
export function management(
  { name, type, partition }: Readonly<Record<string, unknown>>,
  hubs: ReadonlyMap<string, Hub>,
): unknown {
  const hub = hubs.get(String(name).toLowerCase());
  if (hub === undefined) throw notFound(String(name));
  if (type === 'com.microsoft:eventhub') return hubProperties(hub);
  if (type === 'com.microsoft:partition') {
    return partitionProperties(hub, hub.partition(String(partition)));
  }
  throw new Refusal('com.microsoft:argument-error', `There is no type '${type}'.`);
}

function hubProperties(hub: Hub): unknown {
  const { types } = rhea;
  const ids = hub.partitions.map(({ id }) => id);
  return types.wrap_map({
    name: hub.name,
    type: 'com.microsoft:eventhub',
    created_at: types.wrap_timestamp(hub.createdAt),
    partition_count: types.wrap_int(ids.length),
    partition_ids: types.wrap_array(ids, 0xa1, undefined),
    georeplication_factor: types.wrap_int(1),
  });
}

function partitionProperties(hub: Hub, { id, log }: Partition): unknown {
  const { types } = rhea;
  const { sequence, lastOffset, enqueued } = log.next;
  return types.wrap_map({
    name: hub.name,
    type: 'com.microsoft:partition',
    partition: id,
    begin_sequence_number: long(log.first),
    last_enqueued_sequence_number: long(sequence - 1n),
    last_enqueued_offset: lastOffset,
    last_enqueued_time_utc: types.wrap_timestamp(enqueued),
    is_partition_empty: log.count === 0,
  });
}
