import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createStream,
  type LambdaStage,
  put,
  startLambdaScene,
  startLambdaStage,
} from './lambda-fixture/stage.ts';

let stage: LambdaStage;
beforeAll(async () => {
  stage = await startLambdaStage();
});
afterAll(() => stage.stop());

describe('smoke', () => {
  it('invokes', async () => {
    const { host, control, events } = await startLambdaScene(stage);
    control.onCall = () => ({ answer: { a: 1 }, log: 'x\ny' });
    const { payload } = await host.invoke('app', { hello: 1 });
    expect(payload.toString()).toBe('{"a":1}');
    console.log(control.calls[0], events.events);
    const { name, arn } = await createStream(stage);
    await put(stage, name, [['a', 'b']]);
    await host.mapStream({
      EventSourceArn: arn,
      FunctionName: 'app',
      StartingPosition: 'TRIM_HORIZON',
    });
    await events.until('checkpoint');
    console.log(JSON.stringify(control.calls[1]?.event), events.events.slice(3));
  });
});
