import { liveSuite } from '../live-suite.ts';
import { AwsHost } from './aws-host.ts';

liveSuite(new AwsHost());
