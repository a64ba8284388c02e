import type { ObjectRef } from '../../core/journal/entry.ts';
import { keptName, partitionKeyOf } from '../../core/journal/keys.ts';
import type { DeadLetterNotice } from '../../core/notice.ts';
import { decodeKept } from '../../core/view/kept-refs.ts';
import { compression } from '../../testing/simulation/compression.ts';
import type { Log } from './log.ts';
import { viewNames } from './model.ts';
import { isFinalAt, rowsAsked } from './read-check.ts';
import { type Committed, scope } from './truth.ts';
import type { World } from './world.ts';

/** What must hold once everything is drained: every line is in the journal, dead letters are exactly the poison. */
export function checkEnd(world: World): void {
  for (const [partition, log] of world.setup.logs.entries()) {
    const lines = world.truth.linesOf(partition);
    if (lines !== log.lines.length) {
      world.fail(`partition ${partition}: ${lines} of ${log.lines.length} lines are committed`);
      return;
    }
    checkDead(world, partition, log);
    checkLate(world, partition, log);
    checkKept(world, partition, '_dead');
    checkKept(world, partition, '_late');
    const upTo = world.truth.upTo(world.vault, partition);
    const last = (world.truth.journals[partition]?.length ?? 0) - 1;
    if (upTo !== last) world.fail(`partition ${partition}: pages up to ${upTo}, not ${last}`);
  }
  checkNotices(world);
  checkClaims(world);
  checkUsed(world);
}

/** What was once final is what it is at the end. */
function checkClaims(world: World): void {
  const { claims, model, setup } = world;
  const lines = setup.logs.map((log) => log.lines.length);
  for (const { question, finalTo, kept, rows } of claims) {
    const expected = rowsAsked(model, question, lines, kept)
      .filter(({ start }) => start >= kept)
      .filter(isFinalAt(question.view, finalTo));
    const [is, was] = [JSON.stringify(expected), JSON.stringify(rows)];
    if (is !== was) world.fail(`final at ${finalTo} was ${was}, and at the end it is ${is}`);
  }
}

/** Every record was counted once, and no call twice: what is written down, and what never will be, is not more than came. */
function checkUsed(world: World): void {
  const { truth, setup, tallies, reached } = world;
  const entries = truth.journals.map((journal) => journal.map(({ used }) => used));
  for (const [partition, log] of setup.logs.entries()) {
    const records = (entries[partition] ?? []).reduce((sum, used) => sum + used.records, 0);
    if (records === log.records.length) continue;
    world.fail(`partition ${partition}: ${records} of ${log.records.length} records are counted`);
  }
  const all = [...entries.flat(), ...tallies.map(({ unwritten }) => unwritten)];
  for (const name of ['reads', 'writes'] as const) {
    const counted = all.reduce((sum, used) => sum + used[name], 0);
    if (counted > reached[name]) world.fail(`${counted} ${name} counted, of ${reached[name]}`);
  }
}

/** The JSON lines of all objects that a partition's entries refer to. */
function keptOf(world: World, partition: number, view: '_dead' | '_late'): unknown[] {
  const found: unknown[] = [];
  for (const [index, entry] of (world.truth.journals[partition] ?? []).entries()) {
    const ref = refOf(entry, view);
    if (ref === null) continue;
    const name = keptName(scope, String(partition), view, index, ref.hash);
    const object = world.vault.objects.get(name);
    if (object === undefined) {
      world.fail(`entry ${index} refers to ${name}, which is not there`);
      continue;
    }
    const text = new TextDecoder().decode(compression.decompress(object, 1_000_000));
    const lines = text.trimEnd().split('\n');
    if (lines.length !== ref.count) world.fail(`${name}: ${lines.length} lines, not ${ref.count}`);
    found.push(...lines.map((line) => JSON.parse(line)));
  }
  return found;
}

function refOf(entry: Committed, view: '_dead' | '_late'): ObjectRef | null {
  return view === '_dead' ? entry.dead : entry.late;
}

function checkDead(world: World, partition: number, log: Log): void {
  const found = (
    keptOf(world, partition, '_dead') as { position: string; line: number; reason: string }[]
  ).map(({ position, line, reason }) => `${position}.${line} ${reason}`);
  const fates = world.model.fates[partition] ?? [];
  const expected = log.lines.flatMap(({ position, line }, i) =>
    fates[i]?.verdict === 'dead' ? [`${position}.${line} ${fates[i].reason}`] : [],
  );
  sameTexts(world, `dead letters of partition ${partition}`, found, expected);
}

function checkLate(world: World, partition: number, log: Log): void {
  const found = (
    keptOf(world, partition, '_late') as { position: string; line: number; view: string }[]
  ).map(({ position, line, view }) => `${position}.${line} ${view}`);
  const fates = world.model.fates[partition] ?? [];
  const expected = log.lines.flatMap(({ position, line }, i) =>
    (fates[i]?.offers ?? []).flatMap(({ late, view }) =>
      late ? [`${position}.${line} ${viewNames[view]}`] : [],
    ),
  );
  sameTexts(world, `late events of partition ${partition}`, found, expected);
}

/** Every reference of an entry is in the pages of references, once. */
function checkKept(world: World, partition: number, view: '_dead' | '_late'): void {
  const pk = partitionKeyOf(scope, String(partition));
  const shelf = world.vault.shelf(pk);
  const items = shelf.range(`p/${view}/`, `p/${view}0`, 1_000, { seq: shelf.seq, torn: null });
  const found = items.flatMap(({ sort, body }) =>
    decodeKept({ partition: pk, sort }, body).refs.map(({ entry, hash }) => `${entry} ${hash}`),
  );
  const expected = (world.truth.journals[partition] ?? []).flatMap((entry, index) => {
    const ref = refOf(entry, view);
    return ref === null ? [] : [`${index} ${ref.hash}`];
  });
  sameTexts(world, `${view} references of partition ${partition}`, found, expected);
}

/** A notice names what a committed entry refers to. */
function checkNotices(world: World): void {
  for (const message of world.vault.messages) {
    const { deadLetters }: DeadLetterNotice = JSON.parse(message);
    const { partition, entry, object } = deadLetters;
    const ref = world.truth.journals[Number(partition)]?.[entry]?.dead ?? null;
    const name = ref && keptName(scope, partition, '_dead', entry, ref.hash);
    if (name !== object) world.fail(`a notice names ${object}, entry ${entry} has ${name}`);
  }
}

function sameTexts(
  world: World,
  what: string,
  found: readonly string[],
  expected: readonly string[],
): void {
  const is = [...found].sort().join(', ');
  const wanted = [...expected].sort().join(', ');
  if (is !== wanted) world.fail(`${what}: ${is}; expected: ${wanted}`);
}
