/** `node test/oracle/order.ts`: the order of all 3,000,000 flights of the demo source, against DuckDB. */
import { flightsPath } from '../../local-app/flights-file.ts';
import { openOracle } from './duckdb.ts';
import { compareOrder } from './flights-order.ts';

const started = performance.now();
const path = flightsPath();
const oracle = await openOracle(path);
const { same, difference } = await compareOrder(oracle, path, true);
oracle.close();
const seconds = ((performance.now() - started) / 1000).toFixed(1);
if (difference === null && same === oracle.flights) {
  console.log(
    `${same} flights, in the same order as in DuckDB, with the same fields (${seconds} s)`,
  );
} else {
  console.error(`after ${same} of ${oracle.flights} flights: ${difference}`);
  process.exitCode = 1;
}
