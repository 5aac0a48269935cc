import { expect, test } from "vitest";
import { address, PLACES, placeAt } from "./nav";

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

test("developers see no money of the organisation", () => {
  expect(PLACES.filter((place) => !place.roles.includes("developer")).map((place) => place.path)).toEqual([
    "wallet",
    "statements",
  ]);
});
