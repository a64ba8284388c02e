import { embedded } from './embedded-host.ts';
import { goldenSuite } from './golden-suite.ts';

goldenSuite(embedded);
