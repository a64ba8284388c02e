import { adapterSets } from './adapter-sets.ts';
import { runContracts } from './contracts.ts';

runContracts(adapterSets.aws);
