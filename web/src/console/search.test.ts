import { expect, test } from "vitest";
import { changed } from "./search";

test("what is empty leaves the address, and what is not named stays in it", () => {
  const search = new URLSearchParams("window=7d&model=a&live=1");
  expect(changed(search, { model: "", live: null, key: "k 1" }).toString()).toBe("window=7d&key=k+1");
  expect(search.get("model")).toBe("a");
});
