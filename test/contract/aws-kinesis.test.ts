import { awsStream } from './aws-stream.ts';
import { streamContract } from './stream.contract.ts';

streamContract(awsStream);
