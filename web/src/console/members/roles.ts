/** The roles in words; the hub's table of permissions decides. */
import type { Role } from "../../api/types";

export const ROLES: readonly { role: Role; may: string }[] = [
  { role: "owner", may: "All that an admin may, and links with which members set a new password." },
  { role: "admin", may: "Keys, members, limits, money, providers and settings." },
  { role: "developer", may: "Keys of their own, models, usage and logs." },
  { role: "viewer", may: "See keys, limits, money, usage and logs, and change nothing." },
  { role: "billing", may: "See the money, redeem vouchers, read statements, usage and logs." },
];
