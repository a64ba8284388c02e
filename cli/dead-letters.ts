import { defineCommand } from './command.ts';
import {
  harmless,
  keptNotes,
  keptOptions,
  type Numbered,
  runKept,
  type Shown,
  shortened,
} from './kept-events.ts';
import { timeColumn } from './table.ts';

/** `millrace dead-letters`: what could not be counted. */
export const command = defineCommand({
  name: 'dead-letters',
  summary: 'List the events that could not be counted, or show one with its reason',
  usage: 'dead-letters list | dead-letters show <n or ref> [options]',
  positionals: [1, 2],
  options: keptOptions,
  notes: `${keptNotes}

Examples:
  millrace dead-letters list --data clicks
  millrace dead-letters show 1 --data clicks`,
  run: (values, positionals) => runKept('dead-letters', deadLetters, values, positionals),
});

const deadLetters: Shown<'_dead'> = {
  view: '_dead',
  one: 'dead letter',
  several: 'dead letters',
  columns: (found) => [
    timeColumn(
      'arrival',
      found.map(({ json }) => json.arrival),
    ),
    { head: 'reason', cells: found.map(({ json }) => json.reason) },
    { head: 'error', cells: found.map(({ json }) => shortened(json.errors[0] ?? '')) },
    { head: 'event', cells: found.map(({ json }) => shortened(rawText(json.raw))) },
  ],
  detail({ number, ref, partition, entry, json }) {
    const { reason, errors, position, line, arrival, partitionKey, raw } = json;
    const kind = 'text' in raw ? 'event' : 'record, in base64, since it is no text';
    return [
      `dead letter ${number} (${ref}): ${reason}`,
      ...errors.map((error) => `  - ${harmless(error, true)}`),
      '',
      `  partition ${partition}, position ${position}, line ${line}, in entry ${entry}`,
      `  arrival ${arrival}, partition key '${harmless(partitionKey, false)}'`,
      '',
      `${kind}:`,
      harmless(rawText(raw), true),
    ];
  },
};

function rawText(raw: Numbered<'_dead'>['json']['raw']): string {
  return 'text' in raw ? raw.text : raw.base64;
}
