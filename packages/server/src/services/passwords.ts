import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import { HubError } from "../http/hub-error.ts";

/** Work factors, kept with each hash so that they can grow: N = 2^15, r = 8, p = 1 takes 32 MiB. */
const COST = { N: 32_768, r: 8, p: 1 };
const KEY_BYTES = 32;

/** `scrypt$N$r$p$salt$key` */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, COST);
  return ["scrypt", COST.N, COST.r, COST.p, salt.toString("base64"), key.toString("base64")].join(
    "$",
  );
}

/** Whether `password` is the one behind `stored`; takes as long for a hash that is not there. */
export async function verifyPassword(
  password: string,
  stored: string | undefined,
): Promise<boolean> {
  const [kind, n, r, p, salt = "", key = ""] = (stored ?? NO_PASSWORD).split("$");
  const cost = { N: Number(n), r: Number(r), p: Number(p) };
  const expected = Buffer.from(key, "base64");
  const actual = await derive(password, Buffer.from(salt, "base64"), cost);
  return (
    kind === "scrypt" &&
    stored !== undefined &&
    expected.length === actual.length &&
    timingSafeEqual(expected, actual)
  );
}

const NO_PASSWORD = `scrypt$${COST.N}$${COST.r}$${COST.p}$AAAAAAAAAAAAAAAAAAAAAA==$`;

/** At once: each takes 32 MiB, and one of the few threads that files are read with. */
const MAX_RUNNING = 2;
const MAX_WAITING = 20;
const waiting: (() => void)[] = [];
let running = 0;

/** @throws {HubError} 429 when too many wait already. */
async function derive(
  password: string,
  salt: Uint8Array,
  cost: Pick<ScryptOptions, "N" | "r" | "p">,
): Promise<Buffer> {
  if (waiting.length >= MAX_WAITING) throw busy();
  if (running < MAX_RUNNING) running++;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await runScrypt(password, salt, cost);
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

function busy(): HubError {
  return new HubError(429, "TooManyRequests", {
    message: "Too many people sign in at this moment: try again in a few seconds",
    headers: { "Retry-After": "5" },
  });
}

function runScrypt(
  password: string,
  salt: Uint8Array,
  cost: Pick<ScryptOptions, "N" | "r" | "p">,
): Promise<Buffer> {
  const options = { ...cost, maxmem: 256 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFKC"), salt, KEY_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
