/**
 * Turns work that reports by callback into a generator of events that returns the work's result.
 * Leaving the loop early aborts the work, and waits until it has cleaned up.
 */
export async function* eventStream<Event, Result>(
  work: (emit: (event: Event) => void, signal: AbortSignal) => Promise<Result>,
  signal?: AbortSignal,
): AsyncGenerator<Event, Result, undefined> {
  const stop = new AbortController();
  const queue: Event[] = [];
  let wake: () => void = () => {};
  let settled = false;
  const emit = (event: Event): void => {
    queue.push(event);
    wake();
  };
  const running = work(emit, signal ? AbortSignal.any([signal, stop.signal]) : stop.signal);
  const settling = running
    .catch(() => {})
    .finally(() => {
      settled = true;
      wake();
    });
  try {
    while (!settled || queue.length > 0) {
      const event = queue.shift();
      if (event !== undefined) yield event;
      else if (!settled) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
    return await running;
  } finally {
    if (!settled) stop.abort();
    await settling;
  }
}
