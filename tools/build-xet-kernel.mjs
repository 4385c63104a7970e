// Compiles packages/xet's WebAssembly kernel into the TypeScript file that holds its bytes:
//   node tools/build-xet-kernel.mjs
// With --check it writes nothing and fails when that file is out of date.
import { readFileSync, writeFileSync } from "node:fs";
import wabt from "wabt";

const SOURCE = new URL("../packages/xet/src/kernel/kernel.wat", import.meta.url);
const TARGET = new URL("../packages/xet/src/kernel/kernel-bytes.ts", import.meta.url);

async function compileKernel() {
  const { parseWat } = await wabt();
  const features = { simd: true, bulk_memory: true };
  const module = parseWat("kernel.wat", readFileSync(SOURCE, "utf8"), features);
  const { buffer } = module.toBinary({ write_debug_names: false });
  module.destroy();
  const lines =
    Buffer.from(buffer)
      .toString("base64")
      .match(/.{1,96}/g) ?? [];
  const text = lines.map((line) => `  "${line}",`).join("\n");
  return `/** kernel.wat, compiled by tools/build-xet-kernel.mjs: base64, to be joined. */\nexport const KERNEL_BYTES: readonly string[] = [\n${text}\n];\n`;
}

const text = await compileKernel();
if (!process.argv.includes("--check")) writeFileSync(TARGET, text);
else if (readFileSync(TARGET, "utf8") !== text) {
  console.error("kernel-bytes.ts is out of date: run node tools/build-xet-kernel.mjs");
  process.exitCode = 1;
}
