import { awsStoreSet } from './aws-set.ts';
import { messageQueueContract } from './message-queue.contract.ts';
import { objectStoreContract } from './object-store.contract.ts';
import { stateStoreContract } from './state-store.contract.ts';

stateStoreContract(awsStoreSet.stateStore);
objectStoreContract(awsStoreSet.objectStore);
messageQueueContract(awsStoreSet.messageQueue);
