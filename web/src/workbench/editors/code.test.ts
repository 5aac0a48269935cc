import { expect, test } from "vitest";
import { parted, shortened, whole } from "./code";

const URL = `data:image/png;base64,${"iVBORw0K/+".repeat(60)}`;
const BARE = `${"iVBORw0K/+".repeat(60)}==`;

test("long files have stand-ins that come back whole", () => {
  const body = {
    messages: [{ content: [{ image_url: { url: URL } }, { data: BARE }] }],
    text: "a".repeat(20),
  };
  const { body: sent, urls } = parted(body);
  const code = JSON.stringify(sent);
  expect(code).not.toContain("iVBORw0K");
  expect(JSON.parse(whole(code, urls))).toEqual(body);
});

test("on screen they are short and say how long they are", () => {
  const { body, urls } = parted({ url: URL });
  expect(shortened(JSON.stringify(body), urls)).toBe('{"url":"data:image/png;base64,iV…(622 B)"}');
});

test("prose stays as it is", () => {
  const body = { text: "Ships lie in the harbour. ".repeat(100), n: 1, stop: null, list: [true] };
  expect(parted(body).body).toEqual(body);
});
