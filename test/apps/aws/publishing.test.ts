import { publishingSuite } from '../publishing-suite.ts';
import { AwsHost } from './aws-host.ts';

publishingSuite(new AwsHost());
