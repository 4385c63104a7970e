import { Parameter } from "../graph/parameter.ts";

/**
 * Something with parameters: a layer, or a model made of layers. Its parameters, modules and lists
 * of modules are ordinary properties; their names make the parameters' paths.
 */
export abstract class Module {
  /** All parameters with their paths (`layers.0.attention.query.weight`), in order of declaration. */
  *namedParameters(): Generator<readonly [path: string, parameter: Parameter]> {
    for (const [name, value] of Object.entries(this)) yield* parametersIn(name, value);
  }
}

function* parametersIn(
  path: string,
  value: unknown,
): Generator<readonly [path: string, parameter: Parameter]> {
  if (value instanceof Parameter) yield [path, value];
  if (value instanceof Module) {
    for (const [name, parameter] of value.namedParameters()) yield [`${path}.${name}`, parameter];
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* parametersIn(`${path}.${index}`, item);
  }
}
