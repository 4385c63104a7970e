import { describe, expect, test } from "vitest";
import { abortable, delay, isAbortError } from "./abort.ts";
import { mapConcurrent } from "./pool.ts";
import { drain } from "./progress.ts";
import { retry } from "./retry.ts";

describe("mapConcurrent()", () => {
  test("keeps the order of inputs and never passes its limit", async () => {
    let running = 0;
    let most = 0;
    const results = await mapConcurrent(
      [30, 1, 20, 2, 10],
      async (wait, index) => {
        running++;
        most = Math.max(most, running);
        await delay(wait);
        running--;
        return index * 10;
      },
      { limit: 2 },
    );
    expect(results).toEqual([0, 10, 20, 30, 40]);
    expect(most).toBe(2);
  });

  test("throws the first failure after what is under way has settled, and starts nothing more", async () => {
    const finished: number[] = [];
    const started: number[] = [];
    const work = async (input: number) => {
      started.push(input);
      if (input === 1) throw new Error("one");
      await delay(5);
      finished.push(input);
    };
    await expect(mapConcurrent([0, 1, 2, 3, 4, 5], work, { limit: 2 })).rejects.toThrow("one");
    expect(finished).toContain(0);
    expect(started.length).toBeLessThan(6);
  });

  test("stops between inputs when it is aborted", async () => {
    const controller = new AbortController();
    const done: number[] = [];
    const work = async (input: number) => {
      done.push(input);
      if (input === 1) controller.abort();
    };
    const run = mapConcurrent([0, 1, 2, 3], work, { limit: 1, signal: controller.signal });
    await expect(run).rejects.toSatisfy(isAbortError);
    expect(done).toEqual([0, 1]);
  });

  test.each([0, -1, 1.5, Number.NaN])("refuses a limit of %s", async (limit) => {
    await expect(mapConcurrent([1], async () => 1, { limit })).rejects.toThrow(RangeError);
  });
});

describe("retry()", () => {
  const flaky = (failures: number) => {
    let calls = 0;
    return async () => {
      calls++;
      if (calls <= failures) throw new Error(`failure ${calls}`);
      return calls;
    };
  };

  test("tries again until it works, and gives up after its retries", async () => {
    const options = { retries: 2, baseDelayMs: 1, shouldRetry: () => true };
    await expect(retry(flaky(2), options)).resolves.toBe(3);
    await expect(retry(flaky(3), options)).rejects.toThrow("failure 3");
  });

  test("does not retry what shouldRetry refuses", async () => {
    await expect(retry(flaky(1), { shouldRetry: () => false })).rejects.toThrow("failure 1");
  });

  test("an abort ends the wait", async () => {
    const controller = new AbortController();
    const run = retry(flaky(9), {
      baseDelayMs: 60_000,
      maxDelayMs: 60_000,
      signal: controller.signal,
      shouldRetry: () => true,
    });
    setTimeout(() => controller.abort(), 5);
    await expect(run).rejects.toSatisfy(isAbortError);
  });
});

test("abortable() rejects at once, and passes results and failures through", async () => {
  const controller = new AbortController();
  const never = abortable(new Promise(() => {}), controller.signal);
  controller.abort(new Error("stop"));
  await expect(never).rejects.toThrow("stop");
  const { signal } = new AbortController();
  await expect(abortable(Promise.resolve(7), signal)).resolves.toBe(7);
  await expect(abortable(Promise.reject(new Error("own")), signal)).rejects.toThrow("own");
});

test("drain() hands every event on and gives what the generator returns", async () => {
  async function* work(): AsyncGenerator<number, string> {
    yield 1;
    yield 2;
    return "done";
  }
  const events: number[] = [];
  await expect(drain(work(), (event) => events.push(event))).resolves.toBe("done");
  expect(events).toEqual([1, 2]);
});
