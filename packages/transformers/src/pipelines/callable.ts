import type { PipelineRunOptions } from "./text-engine.ts";

/** A pipeline's call, and its stream, made from one function over many inputs. */
export interface Callable<In, Out, Options extends PipelineRunOptions> extends AsyncDisposable {
  (input: In, options?: Options): Promise<Out>;
  (inputs: readonly In[], options?: Options): Promise<Out[]>;
  /** Results in input order as they come; holds `batchSize` inputs at a time. */
  stream(inputs: Iterable<In> | AsyncIterable<In>, options?: Options): AsyncIterable<Out>;
}

type RunMany<In, Out, Options> = (inputs: readonly In[], options: Options) => Promise<Out[]>;

export function createCallable<In, Out, Options extends PipelineRunOptions>(
  runMany: RunMany<In, Out, Options>,
  dispose: () => Promise<void>,
): Callable<In, Out, Options> {
  // Every option is optional, so no options are options too.
  const noOptions = {} as Options;
  const call = async (input: In | readonly In[], options = noOptions): Promise<Out | Out[]> => {
    if (Array.isArray(input)) return runMany(input, options);
    // Not an array: one input, and so exactly one result.
    const [result] = await runMany([input as In], options);
    return result as Out;
  };
  const stream = (inputs: Iterable<In> | AsyncIterable<In>, options = noOptions) =>
    streamBatches(inputs, options, runMany);
  // The overloads follow from whether the input is an array.
  return Object.assign(call, { stream, [Symbol.asyncDispose]: dispose }) as Callable<
    In,
    Out,
    Options
  >;
}

async function* streamBatches<In, Out, Options extends PipelineRunOptions>(
  inputs: Iterable<In> | AsyncIterable<In>,
  options: Options,
  runMany: RunMany<In, Out, Options>,
): AsyncGenerator<Out> {
  const { batchSize = 16, signal } = options;
  let waiting: In[] = [];
  for await (const input of inputs) {
    signal?.throwIfAborted();
    waiting.push(input);
    if (waiting.length < batchSize) continue;
    yield* await runMany(waiting, options);
    waiting = [];
  }
  if (waiting.length > 0) yield* await runMany(waiting, options);
}
