import { expect, test } from "vitest";
import type { Member, Organisation, Role, Session } from "../api/types";
import { address, isFor, PLACES, placeAt } from "./nav";

test("an address below a place belongs to it", () => {
  expect(placeAt("/console")?.label).toBe("Overview");
  expect(placeAt("/console/")?.label).toBe("Overview");
  expect(placeAt("/console/logs/req_1")?.label).toBe("Logs");
  expect(placeAt("/console/nowhere")).toBeUndefined();
});

test("every place is found by its own address, once", () => {
  expect(new Set(PLACES.map(address)).size).toBe(PLACES.length);
  for (const place of PLACES) expect(placeAt(address(place))).toBe(place);
});

const ORGANISATION: Organisation = {
  object: "organisation",
  id: "o",
  name: "O",
  house: true,
  created_at: "2026-11-20T00:00:00Z",
};

function seen(role: Role, organisation = ORGANISATION): string[] {
  const member: Member = {
    object: "member",
    id: "m",
    organisation_id: organisation.id,
    name: "M",
    email: null,
    role,
    has_password: true,
    created_at: organisation.created_at,
  };
  const session: Session = { object: "session", member, organisation };
  return PLACES.filter((place) => isFor(place, session)).map((place) => place.path);
}

test("an owner of the house sees every place", () => {
  expect(seen("owner")).toHaveLength(PLACES.length);
});

test("developers see their keys and no money of the organisation", () => {
  expect(seen("developer")).toEqual(["", "logs", "keys", "members", "account"]);
});

test("other organisations see nothing of how the hub is run", () => {
  const others = seen("owner", { ...ORGANISATION, house: false });
  expect(PLACES.map(({ path }) => path).filter((path) => !others.includes(path))).toEqual([
    "providers",
    "settings",
  ]);
});
