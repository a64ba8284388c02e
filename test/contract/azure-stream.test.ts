import { azureStream } from './azure-stream.ts';
import { streamContract } from './stream.contract.ts';

streamContract(azureStream);
