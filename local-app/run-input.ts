import { MillraceError } from '../core/errors.ts';
import { hash64 } from '../core/hash.ts';
import type { Plan } from '../core/plan.ts';
import type { App } from './composition.ts';

/** What makes an input the same one, and its rows the same rows, when a run is started again. */
export interface InputIdentity {
  /** The name of the file without its folder. */
  readonly input: string;
  /** Null where it can't be known, as for the standard input. */
  readonly bytes: number | null;
  readonly format: string | null;
  readonly id: string | null;
  readonly sort: string | null;
  /** A hash of its beginning and its end; null as above. */
  readonly sample: string | null;
  /** The names of the pipelines, in order, and hashes of their definitions. */
  readonly pipelines: readonly string[];
  readonly definitions: readonly string[];
  /** The reference tables that were given, by version. */
  readonly references: readonly string[];
}

const key = { partition: 'run', sort: 'input' };

/** A hash of all that a definition says, the text of its functions included. */
export function definitionHash(plan: Plan): string {
  const { shape, schema, outOfOrder, futureSkew, spreadOver, views } = plan;
  const references = plan.references.map(({ name, key, schema }) => ({ name, key, schema }));
  const lateness = views.map((view) => view.lateness);
  const functions = [plan.id, plan.time, plan.partitionKey, plan.transform].map(String);
  const all = {
    shape,
    schema,
    outOfOrder,
    futureSkew,
    spreadOver,
    references,
    lateness,
    functions,
  };
  return hash64(JSON.stringify(all)).toString(16);
}

/**
 * Checks that a data folder is new, or for this input. Gives what notes the input there: to be called before the
 * first row is published, so that a run that could not read its input leaves the folder free.
 *
 * @throws MillraceError `request` for a folder made from another input, or not by a run.
 */
export async function claimFolder(app: App, identity: InputIdentity): Promise<() => Promise<void>> {
  const item = await app.store.read(key);
  if (item === null) {
    if (!(await isNew(app))) {
      throw refusal('holds a stream that is not of a run', [], app.config.data);
    }
    return async () => {
      await app.store.create(key, Buffer.from(JSON.stringify(identity)));
    };
  }
  const before = parse(item.body);
  const problems = Object.entries(identity).flatMap(([name, now]) => {
    const was = before[name];
    if (JSON.stringify(was) === JSON.stringify(now)) return [];
    return [`${name}: was ${JSON.stringify(was)}, is ${JSON.stringify(now)}`];
  });
  if (problems.length > 0) throw refusal('was made from another input', problems, app.config.data);
  return async () => {};
}

/**
 * Checks that a data folder is not of a run: an event that came after its end would change rows that are final.
 *
 * @throws MillraceError `request`.
 */
export async function refuseRun({ store, config }: App): Promise<void> {
  const item = await store.read(key);
  if (item === null) return;
  const text =
    `the data folder ${config.data} is of a run over ${parse(item.body)['input']}, whose rows are ` +
    `final at its end: read it with millrace query --data ${config.data}, or use a new folder`;
  throw new MillraceError('request', text, { problems: [text] });
}

async function isNew({ stream }: App): Promise<boolean> {
  for (const { id } of await stream.partitions()) {
    if ((await stream.bounds(id)).latest !== -1n) return false;
  }
  return true;
}

/** A note that can't be read differs in everything. */
function parse(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch {
    return {};
  }
}

function refusal(what: string, problems: readonly string[], folder: string | null): MillraceError {
  const list = problems.map((problem) => `\n  - ${problem}`).join('');
  const text = `the data folder ${folder} ${what}; use a new one${list === '' ? '' : `:${list}`}`;
  return new MillraceError('request', text, { problems });
}
