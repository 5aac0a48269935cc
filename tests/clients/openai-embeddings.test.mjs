// Embeddings by OpenAI's own Node SDK, against a hub with a test key and one before llama.cpp.
import assert from "node:assert/strict";
import test from "node:test";

import OpenAI from "openai";

import { apiKey, engine, url } from "./harbour.mjs";

const model = "text-embedding-3-small";
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
const local = new OpenAI({ baseURL: `${engine.url}/v1`, apiKey: engine.apiKey, maxRetries: 0 });
const lengthOf = (vector) => Math.hypot(...vector);
const isNear = (one, other) => one.every((number, index) => Math.abs(number - other[index]) < 1e-5);

for (const [where, ask] of [
  ["sandbox", (more) => client.embeddings.create({ model, ...more })],
  ["llama.cpp", (more) => local.embeddings.create({ model: "local/vectors", ...more })],
]) {
  test(`${where}: floats are the SDK's base64 unpacked`, async () => {
    const input = ["a ship in the harbour", "salt"];
    const packed = await ask({ input });
    const plain = await ask({ input, encoding_format: "float" });
    assert.deepEqual(plain.data.map(({ index }) => index), [0, 1]);
    for (const [index, { embedding }] of plain.data.entries()) {
      assert.ok(Math.abs(lengthOf(embedding) - 1) < 1e-3);
      assert.ok(isNear(embedding, packed.data[index].embedding));
    }
    assert.ok(!isNear(plain.data[0].embedding, plain.data[1].embedding));
    assert.ok(plain.usage.prompt_tokens > 0);
  });
}

test("dimensions and token arrays", async () => {
  const { data, usage } = await client.embeddings.create({ model, input: [[1, 2, 3], [4]], dimensions: 256 });
  assert.deepEqual(data.map(({ embedding }) => embedding.length), [256, 256]);
  assert.equal(usage.prompt_tokens, 4);
});

test("error classes", async () => {
  await assert.rejects(client.embeddings.create({ model: "text-embedding-0", input: "x" }), OpenAI.NotFoundError);
  await assert.rejects(client.embeddings.create({ model, input: [] }), OpenAI.BadRequestError);
});
