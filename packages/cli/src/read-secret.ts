import { createInterface } from "node:readline";

/** Asks on the terminal without showing what is typed; reads a line when input is not a terminal. */
export function readSecret(question: string): Promise<string> {
  const { stdin, stderr } = process;
  const lines = createInterface({ input: stdin, output: stderr, terminal: stdin.isTTY === true });
  if (stdin.isTTY) {
    stderr.write(question);
    // readline echoes through this method: what is typed must not appear.
    Object.assign(lines, { _writeToOutput: () => {} });
  }
  return new Promise((resolve, reject) => {
    lines.once("line", (line) => {
      if (stdin.isTTY) stderr.write("\n");
      resolve(line.trim());
      lines.close();
    });
    lines.once("SIGINT", () => {
      lines.close();
      process.kill(process.pid, "SIGINT");
    });
    lines.once("close", () => reject(new DOMException("no token was entered", "AbortError")));
  });
}
