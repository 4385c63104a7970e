// A contestant in a process of its own: one JSON line in, one JSON line out.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export class Worker {
  #child;
  #lines;
  #exited;

  constructor(program, args, env = {}) {
    this.#child = spawn(program, args, {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, ...env },
    });
    this.#exited = new Promise((resolve) => {
      this.#child.on("error", resolve); // no such program
      this.#child.on("exit", () => resolve(undefined));
    });
    this.#child.stdin.on("error", () => {}); // it ended: receive() says so
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** What it says next; the first thing is what it is. */
  async receive() {
    const { value, done } = await this.#lines.next();
    if (done) throw (await this.#exited) ?? new Error("The contestant ended");
    return JSON.parse(value);
  }

  /** A contestant that does not answer within `limitSeconds` is ended. */
  async ask(question, { limitSeconds } = {}) {
    this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    if (limitSeconds === undefined) return this.receive();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), limitSeconds * 1000);
    try {
      return await this.receive();
    } finally {
      clearTimeout(timer);
    }
  }

  stop() {
    this.#child.stdin.end();
    return this.#exited;
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
