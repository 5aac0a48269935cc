import { expect, test } from "vitest";
import {
  acceptedTypes,
  acceptedWords,
  attachmentOf,
  MOST_BYTES,
  MOST_FILES,
  refusal,
  unreadable,
} from "./attachments";

const ALL = ["text", "image", "file", "audio", "video"];
const PNG = { name: "port.png", type: "image/png", size: 1000 };

function item(bytes = 1, mediaType = "image/png") {
  return { id: crypto.randomUUID(), name: "a", mediaType, url: "data:,", bytes };
}

test("what is taken follows the model's modalities", () => {
  expect(refusal(PNG, [], ALL)).toBeNull();
  expect(refusal(PNG, [], ["text"])).toBe("port.png: the model reads text only.");
  expect(refusal(PNG, [], ["text", "file"])).toBe("port.png: the model takes PDF files.");
  expect(refusal({ ...PNG, type: "image/tiff" }, [], ["image"])).toMatch(/PNG, JPEG, WebP, GIF/);
  expect(acceptedTypes(["text"])).toEqual([]);
  expect(acceptedWords(["text"])).toBeNull();
});

test("size is counted over all files", () => {
  const large = { ...PNG, size: MOST_BYTES };
  expect(refusal(large, [], ALL)).toBeNull();
  expect(refusal(large, [item(1024)], ALL)).toMatch(/too large: .* 20.0 MB together/);
  expect(refusal({ ...PNG, size: 0 }, [], ALL)).toBe("port.png is empty.");
});

test("there is an end to the number of files", () => {
  const items = Array.from({ length: MOST_FILES }, () => item());
  expect(refusal(PNG, items, ALL)).toMatch(/no more than 16/);
});

test("a file becomes a data URL of its own type", async () => {
  const read = await attachmentOf(new File(["RIFF"], "hm.wav", { type: "audio/x-wav" }));
  expect(read).toMatchObject({
    name: "hm.wav",
    mediaType: "audio/wav",
    bytes: 4,
    url: "data:audio/wav;base64,UklGRg==",
  });
});

test("what another model took and this one cannot read is found", () => {
  const items = [item(), item(1, "application/pdf"), item(1, "audio/mpeg")];
  expect(unreadable(items, ["image", "audio"])).toEqual([items[1]]);
});
