/**
 * A response body from an async iterable, one chunk at a time as the client reads.
 * When the client goes away, `abort` is called at once, even while the iterable waits for something.
 */
export function byteStream(
  body: AsyncIterable<Uint8Array>,
  abort: (reason: unknown) => void = () => undefined,
): ReadableStream<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel(reason) {
        abort(reason);
        await chunks.return?.().catch(() => undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
