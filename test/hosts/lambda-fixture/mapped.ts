import type { MappingProperties } from '../lambda/mapping-settings.ts';
import type { LambdaCall } from './report.ts';
import {
  createStream,
  type LambdaScene,
  type LambdaStage,
  put,
  startLambdaScene,
} from './stage.ts';

/** A record as a function gets it, as far as tests look. */
export interface Record {
  readonly eventID: string;
  readonly kinesis: { readonly data: string; readonly sequenceNumber: string };
}

export const recordsOf = ({ event }: LambdaCall) => (event as { Records: Record[] }).Records;
export const textOf = ({ kinesis }: Record) => Buffer.from(kinesis.data, 'base64').toString();
/** The letters that a call was given. */
export const textsOf = (call: LambdaCall) => recordsOf(call).map(textOf).join('');
export const deliveries = ({ control }: LambdaScene) => control.calls.map(textsOf);

/** A stream that holds a record for each letter, and a scene with a mapping of it. */
export async function mapped(
  stage: LambdaStage,
  letters: string,
  properties: Partial<MappingProperties> = {},
  before = (_: LambdaScene) => {},
) {
  const scene = await startLambdaScene(stage);
  const stream = await createStream(stage);
  await put(
    stage,
    stream.name,
    [...letters].map((letter) => ['key', letter]),
  );
  before(scene);
  const given = {
    FunctionName: 'app',
    EventSourceArn: stream.arn,
    StartingPosition: 'TRIM_HORIZON',
  };
  const mapping = await scene.host.mapStream({ ...given, ...properties });
  /** Resolves when the record of a letter is done with. */
  const done = (letter: string) =>
    scene.events.until('checkpoint', ({ sequenceNumber }) => {
      const all = scene.control.calls.flatMap(recordsOf);
      return all.some(
        (each) => textOf(each) === letter && each.kinesis.sequenceNumber === sequenceNumber,
      );
    });
  return { ...scene, stream, mapping, done };
}
