import type { StoreOperation, UsageRules } from '../core/journal/tally.ts';
import { payloadUnits } from '../cost/aws/stream.ts';
import { billedMs } from '../cost/azure/functions.ts';
import { ingressRecords } from '../cost/azure/stream.ts';
import * as cosmos from '../cost/cosmos-units.ts';
import * as dynamoDb from '../cost/dynamodb-units.ts';

const { itemBytes } = cosmos;
const { itemOverheadBytes } = dynamoDb;

/** The rules of AWS and Azure, as the model of costs has them. */
export const usageRules: UsageRules = {
  payloadUnits,
  ingressUnits: ingressRecords,
  activeMs: billedMs,
  writeUnits: (bytes) => dynamoDb.writeUnits(bytes + itemOverheadBytes),
  readUnits: (sizes) =>
    dynamoDb.readUnits(sizes.reduce((sum, bytes) => sum + bytes + itemOverheadBytes, 0)),
  requestUnits,
};

/** As the emulators' charges are computed: one of a refused write, or of an item that is not there, is the least. */
function requestUnits(operation: StoreOperation): number {
  switch (operation.kind) {
    case 'create':
    case 'replace': {
      const { kind, bytes, won } = operation;
      if (!won) return cosmos.readUnits(0);
      const size = itemBytes(bytes);
      return kind === 'create' ? cosmos.createUnits(size) : cosmos.replaceUnits(size);
    }
    case 'remove':
      // Its size is not known here.
      return cosmos.createUnits(0);
    case 'read':
      return cosmos.readUnits(operation.sizes[0] === undefined ? 0 : itemBytes(operation.sizes[0]));
    case 'range':
      return cosmos.queryUnits(operation.sizes.map(itemBytes));
  }
}
