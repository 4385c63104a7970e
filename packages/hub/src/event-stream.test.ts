import { delay } from "@bearhug/core";
import { expect, test } from "vitest";
import { eventStream } from "./event-stream.ts";

test("eventStream() yields what is emitted and returns the result", async () => {
  const stream = eventStream<number, string>(async (emit) => {
    emit(1);
    await delay(5);
    emit(2);
    emit(3);
    return "done";
  });
  const events: number[] = [];
  let next = await stream.next();
  for (; !next.done; next = await stream.next()) events.push(next.value);
  expect([...events, next.value]).toEqual([1, 2, 3, "done"]);
});

test("eventStream() throws the work's error after its events", async () => {
  const stream = eventStream<number, void>(async (emit) => {
    emit(1);
    throw new RangeError("no");
  });
  expect((await stream.next()).value).toBe(1);
  await expect(stream.next()).rejects.toThrow(RangeError);
});

test("eventStream() aborts the work when the loop is left, and waits for its cleaning up", async () => {
  const steps: string[] = [];
  const stream = eventStream<number, void>(async (emit, signal) => {
    emit(1);
    try {
      await delay(10_000, signal);
    } finally {
      await delay(5);
      steps.push("cleaned");
    }
  });
  for await (const event of stream) {
    steps.push(String(event));
    break;
  }
  expect(steps).toEqual(["1", "cleaned"]);
});
