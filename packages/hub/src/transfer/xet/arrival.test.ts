import type { ChunkRecord } from "@bearhug/xet";
import { describe, expect, test } from "vitest";
import { AHEAD_BYTES, Arrival } from "./arrival.ts";

const SIZE = 1 << 20;
const record = (index: number): ChunkRecord => ({
  start: index * (SIZE + 8),
  end: (index + 1) * (SIZE + 8),
  scheme: 0,
  size: SIZE,
  payload: new Uint8Array(SIZE),
});

/** Sends `count` chunks as fast as the arrival lets it. */
async function send(arrival: Arrival, count: number, sent: number[] = []): Promise<number[]> {
  const add = arrival.writer(0);
  for (let index = 0; index < count; index++) {
    add(record(index));
    sent.push(index);
    await arrival.room();
  }
  return sent;
}

const turns = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("Arrival", () => {
  test("gives chunks in order, and holds the network back meanwhile", async () => {
    const arrival = new Arrival(1, { isReadOnce: true });
    const sent: number[] = [];
    const sending = send(arrival, 40, sent);
    for (let index = 0; index < 40; index++) {
      expect((await arrival.record(0, index)).start).toBe(record(index).start);
      await turns();
      expect(sent.length - index).toBeLessThanOrEqual(AHEAD_BYTES / SIZE + 3);
    }
    expect(await sending).toHaveLength(40);
  });

  test("lets come what a reader waits for, however much lies unread before it", async () => {
    const arrival = new Arrival(1, { isReadOnce: false });
    const sending = send(arrival, 30);
    expect((await arrival.record(0, 25)).start).toBe(record(25).start);
    expect((await arrival.record(0, 3)).start).toBe(record(3).start);
    await sending;
  });

  test("goes on after a broken connection where it was", async () => {
    const arrival = new Arrival(1, { isReadOnce: true });
    arrival.writer(0)(record(0));
    expect((await arrival.record(0, 0)).start).toBe(0);
    const again = arrival.writer(0);
    again(record(0));
    again(record(1));
    expect((await arrival.record(0, 1)).start).toBe(record(1).start);
  });

  test("tells readers and the sender how it ended", async () => {
    const arrival = new Arrival(1, { isReadOnce: true });
    const sending = send(arrival, 30);
    await turns();
    arrival.fail(new Error("gone"));
    await expect(sending).rejects.toThrow("gone");
    await expect(arrival.record(0, 29)).rejects.toThrow("gone");
    expect((await arrival.record(0, 0)).size).toBe(SIZE);
  });
});
