import {
  type Annotation,
  annotationSection,
  annotationsOf,
  longEntry,
  messagesOf,
  sections,
  sectionsOf,
  textEntry,
  timestampEntry,
} from './amqp-bytes.ts';

/** A message as a producer sent it, in parts: the broker puts its own annotations between them. */
export interface Published {
  readonly header: Buffer;
  readonly annotations: ReadonlyMap<string, Annotation>;
  /** Properties, application properties, body and footer, untouched. */
  readonly rest: Buffer;
}

/** What one send holds: its messages, and the key that all of them go by. */
export interface Batch {
  readonly messages: readonly Published[];
  readonly partitionKey: string | null;
}

/** The format of a message that holds a batch; everything else is one message. */
export const batchFormat = 0x80013700;

/** Annotations that the broker alone sets. */
const own = ['x-opt-sequence-number', 'x-opt-offset', 'x-opt-enqueued-time'] as const;
const partitionKey = 'x-opt-partition-key';

/** @throws Refusal */
export function batchOf(bytes: Buffer, format: number): Batch {
  const parts = sectionsOf(bytes);
  const isBatch = format === batchFormat;
  const messages = isBatch
    ? messagesOf(bytes, parts).map((message) => publishedOf(message))
    : [publishedOf(bytes)];
  const envelope = isBatch
    ? annotationsOf(
        bytes,
        parts.find(({ code }) => code === sections.messageAnnotations),
      )
    : undefined;
  const key = (envelope ?? messages[0]?.annotations)?.get(partitionKey)?.value;
  return { messages, partitionKey: typeof key === 'string' ? key : null };
}

/** The message to deliver: what was sent, with the broker's annotations. */
export function stamp(
  { header, annotations, rest }: Published,
  sequence: bigint,
  offset: bigint,
  enqueued: number,
): Buffer {
  const kept = [...annotations]
    .filter(([name]) => !(own as readonly string[]).includes(name))
    .map(([, { bytes }]) => bytes);
  const section = annotationSection(sections.messageAnnotations, [
    ...kept,
    longEntry(own[0], sequence),
    textEntry(own[1], String(offset)),
    timestampEntry(own[2], enqueued),
  ]);
  return Buffer.concat([header, section, rest]);
}

function publishedOf(bytes: Buffer): Published {
  const parts = sectionsOf(bytes);
  const header = parts.find(({ code }) => code === sections.header);
  const annotations = parts.find(({ code }) => code === sections.messageAnnotations);
  const first = parts.find(({ code }) => code > sections.messageAnnotations);
  return {
    header: header === undefined ? Buffer.alloc(0) : bytes.subarray(header.start, header.end),
    annotations: annotationsOf(bytes, annotations),
    rest: bytes.subarray(first?.start ?? bytes.length),
  };
}
