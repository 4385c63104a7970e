// A contestant in a process of its own: one JSON line in, one JSON line out.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export class Worker {
  #child;
  #lines;

  constructor(program, args, env = {}) {
    this.#child = spawn(program, args, {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, ...env },
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** What it says next; the first thing is what it is. */
  async receive() {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("The contestant ended");
    return JSON.parse(value);
  }

  async ask(question) {
    this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    return this.receive();
  }

  stop() {
    this.#child.stdin.end();
    return new Promise((resolve) => this.#child.on("exit", resolve));
  }
}

/** The other side: answers each question with what `answer` gives. */
export async function serveQuestions(self, answer) {
  const write = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
  write(self);
  for await (const line of createInterface({ input: process.stdin })) {
    write(await answer(JSON.parse(line)));
  }
}
