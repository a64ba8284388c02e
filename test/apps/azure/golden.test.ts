import { cloudCases, goldenSuite } from '../golden-suite.ts';
import { AzureHost } from './azure-host.ts';

goldenSuite(new AzureHost('cosmos'), cloudCases);
goldenSuite(new AzureHost('blob'), cloudCases.slice(0, 5));
