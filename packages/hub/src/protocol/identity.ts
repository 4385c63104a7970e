/** Reply of `GET /api/whoami-v2`. */
export interface WhoAmIJson {
  readonly type: "user" | "org" | "app";
  readonly id: string;
  readonly name: string;
  readonly fullname: string;
  readonly email?: string | null;
  readonly emailVerified?: boolean;
  readonly canPay?: boolean;
  readonly isPro?: boolean;
  readonly periodEnd?: number | null;
  readonly avatarUrl: string;
  readonly orgs: readonly WhoAmIOrgJson[];
  readonly auth: {
    readonly type: string;
    readonly expiresAt?: string;
    readonly accessToken?: {
      readonly displayName: string;
      readonly role: string;
      readonly createdAt?: string;
    };
  };
}

export interface WhoAmIOrgJson {
  readonly type: "org";
  readonly id: string;
  readonly name: string;
  readonly fullname: string;
  readonly avatarUrl?: string;
  readonly roleInOrg?: string;
  readonly isEnterprise?: boolean;
}

/** Reply of `GET /api/users/{name}/overview`. */
export interface UserOverviewJson {
  readonly user: string;
  readonly fullname: string;
  readonly avatarUrl: string;
  readonly isPro: boolean;
  readonly type: "user";
  readonly numModels: number;
  readonly numDatasets: number;
  readonly numSpaces: number;
  readonly numDiscussions: number;
  readonly numPapers: number;
  readonly numUpvotes: number;
  readonly numLikes: number;
  readonly numFollowing: number;
  readonly numFollowers: number;
  readonly orgs: readonly { name: string; fullname: string; avatarUrl: string }[];
}
