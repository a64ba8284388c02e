import { cloudCases, goldenSuite } from '../golden-suite.ts';
import { AwsHost } from './aws-host.ts';

goldenSuite(new AwsHost(), cloudCases);
