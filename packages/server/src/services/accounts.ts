import type { Selectable } from "kysely";
import { HubError } from "../http/hub-error.ts";
import {
  type AccessTokensTable,
  type AccountsTable,
  type Database,
  isUniqueViolation,
} from "../store/database.ts";
import { checkAccountName, nameKey } from "./names.ts";
import { hashPassword, verifyPassword } from "./passwords.ts";
import { hashSecret, newAccessToken, newRecordId, randomText } from "./secrets.ts";
import type { AccessToken, Account, AccountService } from "./services.ts";

/** How long a browser stays signed in. */
export const SESSION_LIFE_MS: number = 30 * 24 * 3600 * 1000;
/** A token's last use is stored at most this often. */
const LAST_USED_STEP_MS = 3600 * 1000;
const MIN_PASSWORD_LENGTH = 8;
const MAX_PASSWORD_LENGTH = 1024;

export interface AccountsOptions {
  readonly database: Database;
  readonly now: () => Date;
}

export function createAccountService({ database, now }: AccountsOptions): AccountService {
  return {
    ...people(database, now),
    ...sessions(database, now),
    ...tokens(database, now),
  };
}

function people(
  database: Database,
  now: () => Date,
): Pick<AccountService, "create" | "find" | "count" | "setPassword"> {
  return {
    async create({ name, password, fullName = name, email, isAdmin = false }) {
      checkAccountName(name);
      checkPassword(password);
      const row = {
        id: newRecordId(),
        name,
        name_key: nameKey(name),
        full_name: fullName,
        email: email ?? null,
        password_hash: await hashPassword(password),
        is_admin: isAdmin ? 1 : 0,
        created_at: now().getTime(),
      };
      try {
        await database.insertInto("accounts").values(row).execute();
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        throw new HubError(409, "Conflict", { message: `The name "${name}" is taken` });
      }
      return toAccount(row, "write");
    },
    async find(name) {
      const row = await byName(database, name);
      return row && toAccount(row, "write");
    },
    async count() {
      const { count } = await database
        .selectFrom("accounts")
        .select((select) => select.fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow();
      return Number(count);
    },
    async setPassword(name, password) {
      checkPassword(password);
      const row = await byName(database, name);
      if (!row) throw new HubError(404, "NotFound", { message: `There is no account "${name}"` });
      const passwordHash = await hashPassword(password);
      await database.transaction().execute(async (transaction) => {
        await transaction
          .updateTable("accounts")
          .set({ password_hash: passwordHash })
          .where("id", "=", row.id)
          .execute();
        await transaction.deleteFrom("sessions").where("account_id", "=", row.id).execute();
      });
    },
  };
}

function sessions(
  database: Database,
  now: () => Date,
): Pick<AccountService, "signIn" | "bySession" | "signOut"> {
  return {
    async signIn(name, password) {
      const row = await byName(database, name);
      const isRight = await verifyPassword(
        password.slice(0, MAX_PASSWORD_LENGTH),
        row?.password_hash,
      );
      if (!row || !isRight) return undefined;
      const session = randomText(48);
      const time = now().getTime();
      await database.deleteFrom("sessions").where("expires_at", "<=", time).execute();
      await database
        .insertInto("sessions")
        .values({
          token_hash: hashSecret(session),
          account_id: row.id,
          created_at: time,
          expires_at: time + SESSION_LIFE_MS,
        })
        .execute();
      return { account: toAccount(row, "write"), session };
    },
    async bySession(session) {
      const row = await database
        .selectFrom("sessions")
        .innerJoin("accounts", "accounts.id", "sessions.account_id")
        .selectAll("accounts")
        .where("sessions.token_hash", "=", hashSecret(session))
        .where("sessions.expires_at", ">", now().getTime())
        .executeTakeFirst();
      return row && toAccount(row, "write");
    },
    async signOut(session) {
      await database.deleteFrom("sessions").where("token_hash", "=", hashSecret(session)).execute();
    },
  };
}

function tokens(
  database: Database,
  now: () => Date,
): Pick<AccountService, "byToken" | "createToken" | "listTokens" | "revokeToken"> {
  return {
    async byToken(token) {
      const record = await database
        .selectFrom("access_tokens")
        .selectAll()
        .where("token_hash", "=", hashSecret(token))
        .executeTakeFirst();
      if (!record) return undefined;
      const row = await database
        .selectFrom("accounts")
        .selectAll()
        .where("id", "=", record.account_id)
        .executeTakeFirst();
      await noteUse(database, record, now());
      return row && { ...toAccount(row, record.role), token: toToken(record) };
    },
    async createToken(account, { displayName, role }) {
      const token = newAccessToken();
      const row = {
        id: newRecordId(),
        account_id: account.id,
        token_hash: hashSecret(token),
        display_name: displayName,
        role,
        created_at: now().getTime(),
        last_used_at: null,
      };
      await database.insertInto("access_tokens").values(row).execute();
      return { token, record: toToken(row) };
    },
    async listTokens(account) {
      const rows = await database
        .selectFrom("access_tokens")
        .selectAll()
        .where("account_id", "=", account.id)
        .orderBy("created_at", "desc")
        .orderBy("id")
        .execute();
      return rows.map(toToken);
    },
    async revokeToken(account, tokenId) {
      await database
        .deleteFrom("access_tokens")
        .where("account_id", "=", account.id)
        .where("id", "=", tokenId)
        .execute();
    },
  };
}

type AccountRow = Selectable<AccountsTable>;
type TokenRow = Selectable<AccessTokensTable>;

function byName(database: Database, name: string): Promise<AccountRow | undefined> {
  return database
    .selectFrom("accounts")
    .selectAll()
    .where("name_key", "=", nameKey(name))
    .executeTakeFirst();
}

async function noteUse(database: Database, record: TokenRow, time: Date): Promise<void> {
  if (record.last_used_at !== null && time.getTime() - record.last_used_at < LAST_USED_STEP_MS) {
    return;
  }
  await database
    .updateTable("access_tokens")
    .set({ last_used_at: time.getTime() })
    .where("id", "=", record.id)
    .execute();
}

function checkPassword(password: string): void {
  if (password.length >= MIN_PASSWORD_LENGTH && password.length <= MAX_PASSWORD_LENGTH) return;
  throw new HubError(400, "BadRequest", {
    message: `A password has ${MIN_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH} characters`,
  });
}

function toAccount(row: AccountRow, access: "read" | "write"): Account {
  return {
    id: row.id,
    name: row.name,
    fullName: row.full_name,
    email: row.email ?? undefined,
    isAdmin: row.is_admin !== 0,
    createdAt: new Date(row.created_at),
    access,
  };
}

function toToken(row: TokenRow): AccessToken {
  return {
    id: row.id,
    displayName: row.display_name,
    role: row.role,
    createdAt: new Date(row.created_at),
    lastUsedAt: row.last_used_at === null ? undefined : new Date(row.last_used_at),
  };
}
