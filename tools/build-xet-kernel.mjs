// Compiles packages/xet's WebAssembly kernel into the TypeScript file that holds its bytes.
//   node tools/build-xet-kernel.mjs
import { readFileSync, writeFileSync } from "node:fs";
import wabt from "wabt";

const SOURCE = new URL("../packages/xet/src/kernel/kernel.wat", import.meta.url);
const TARGET = new URL("../packages/xet/src/kernel/kernel-bytes.ts", import.meta.url);

/** The text of `kernel-bytes.ts` that belongs to the present `kernel.wat`. */
export async function compileKernel() {
  const { parseWat } = await wabt();
  const module = parseWat("kernel.wat", readFileSync(SOURCE, "utf8"), {
    simd: true,
    bulk_memory: true,
  });
  const { buffer } = module.toBinary({ write_debug_names: false });
  module.destroy();
  const lines =
    Buffer.from(buffer)
      .toString("base64")
      .match(/.{1,96}/g) ?? [];
  const text = lines.map((line) => `  "${line}",`).join("\n");
  return `/** kernel.wat, compiled by tools/build-xet-kernel.mjs: base64, to be joined. */\nexport const KERNEL_BYTES: readonly string[] = [\n${text}\n];\n`;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  writeFileSync(TARGET, await compileKernel());
}
