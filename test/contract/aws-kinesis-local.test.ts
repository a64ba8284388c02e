import { kinesisLocalStream } from './aws-stream.ts';
import { streamContract } from './stream.contract.ts';

streamContract(kinesisLocalStream);
