import type { UserOverviewJson, WhoAmIJson } from "@bearhug/hub/protocol";
import { Hono } from "hono";
import type { HubContext, HubEnv } from "../http/context.ts";
import { HubError } from "../http/hub-error.ts";
import { json } from "../http/streaming.ts";
import { canSee } from "../services/permissions.ts";
import type { Account, Viewer } from "../services/services.ts";

/** Who asks, and who others are. */
export function identityRoutes(context: HubContext): Hono<HubEnv> {
  const routes = new Hono<HubEnv>();
  routes.get("/api/whoami-v2", (c) => {
    const viewer = c.get("viewer");
    if (!viewer) {
      throw new HubError(401, "Unauthorized", { message: "Invalid username or password." });
    }
    return json(whoAmI(viewer, c.get("publicUrl")));
  });
  routes.get("/api/users/:name/overview", async (c) => {
    const account = await findAccount(context, c.req.param("name"));
    return json(
      await overview(context, c.get("viewer"), { account, publicUrl: c.get("publicUrl") }),
    );
  });
  routes.get("/api/users/:name/likes", async (c) => {
    const account = await findAccount(context, c.req.param("name"));
    return json(await likes(context, c.get("viewer"), account));
  });
  routes.get("/api/users/:name/avatar", async (c) => {
    const account = await findAccount(context, c.req.param("name"));
    return json({ avatarUrl: avatarUrl(c.get("publicUrl"), account.name) });
  });
  routes.get("/avatars/:file{.+\\.svg}", (c) => {
    const name = c.req.param("file").slice(0, -".svg".length);
    return new Response(avatar(name), {
      headers: {
        "Content-Type": "image/svg+xml",
        "Cache-Control": "public, max-age=86400",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "X-Content-Type-Options": "nosniff",
      },
    });
  });
  return routes;
}

async function findAccount(context: HubContext, name: string): Promise<Account> {
  const account = await context.services.accounts.find(name);
  if (account) return account;
  throw new HubError(404, "NotFound", { message: "This user does not exist" });
}

function whoAmI(viewer: Account, publicUrl: string): WhoAmIJson {
  const { token } = viewer;
  return {
    type: "user",
    id: viewer.id,
    name: viewer.name,
    fullname: viewer.fullName,
    email: viewer.email ?? null,
    emailVerified: viewer.email !== undefined,
    canPay: false,
    isPro: false,
    periodEnd: null,
    avatarUrl: avatarUrl(publicUrl, viewer.name),
    orgs: [],
    auth: {
      type: token ? "access_token" : "session",
      ...(token && {
        accessToken: {
          displayName: token.displayName,
          role: token.role,
          createdAt: token.createdAt.toISOString(),
        },
      }),
    },
  };
}

async function overview(
  context: HubContext,
  viewer: Viewer,
  { account, publicUrl }: { readonly account: Account; readonly publicUrl: string },
): Promise<UserOverviewJson> {
  const count = async (type: "model" | "dataset" | "space"): Promise<number> => {
    const query = { type, author: account.name, limit: 1 };
    return (await context.services.search.list(viewer, query)).total;
  };
  return {
    user: account.name,
    fullname: account.fullName,
    avatarUrl: avatarUrl(publicUrl, account.name),
    isPro: false,
    type: "user",
    numModels: await count("model"),
    numDatasets: await count("dataset"),
    numSpaces: await count("space"),
    numDiscussions: 0,
    numPapers: 0,
    numUpvotes: 0,
    numLikes: (await likes(context, viewer, account)).length,
    numFollowing: 0,
    numFollowers: 0,
    orgs: [],
  };
}

async function likes(
  context: HubContext,
  viewer: Viewer,
  account: Account,
): Promise<readonly { createdAt: string; repo: { name: string; type: string } }[]> {
  const rows = await context.database
    .selectFrom("repository_likes")
    .innerJoin("repositories", "repositories.id", "repository_likes.repository_id")
    .select([
      "repositories.type",
      "repositories.owner",
      "repositories.name",
      "repositories.private",
      "repository_likes.created_at",
    ])
    .where("repository_likes.account_id", "=", account.id)
    .orderBy("repository_likes.created_at", "desc")
    .limit(1000)
    .execute();
  return rows
    .filter((row) => canSee(viewer, { owner: row.owner, private: row.private !== 0 }))
    .map((row) => ({
      createdAt: new Date(row.created_at).toISOString(),
      repo: { name: `${row.owner}/${row.name}`, type: row.type },
    }));
}

export function avatarUrl(publicUrl: string, name: string): string {
  return `${publicUrl}/avatars/${encodeURIComponent(name)}.svg`;
}

/** A picture for everybody: the first letter on a colour that the name decides. */
function avatar(name: string): string {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 360;
  const letter = (name.match(/[A-Za-z0-9]/)?.[0] ?? "?").toUpperCase();
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img">' +
    `<rect width="64" height="64" fill="hsl(${hash} 60% 42%)"/>` +
    '<text x="32" y="43" font-size="32" font-family="sans-serif" text-anchor="middle" fill="#fff">' +
    `${letter}</text></svg>`
  );
}
