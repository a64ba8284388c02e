import { flightsSuite } from '../flights-suite.ts';
import { AwsHost } from './aws-host.ts';

flightsSuite(new AwsHost(), 20_000);
