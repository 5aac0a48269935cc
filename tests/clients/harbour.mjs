// What the Node clients' tests share: where the hubs are, what is asked of them, and errors' statuses.
export const url = process.env.HUB_URL;
export const apiKey = process.env.HUB_KEY;
// A hub with a live key before llama.cpp, for real generation.
export const engine = { url: process.env.ENGINE_URL, apiKey: process.env.ENGINE_KEY, model: "local/tiny" };

export const model = "gpt-4.1-mini";
export const alma = { name: "Alma", tons: 4200 };
export const almaPrompt = 'The "Alma" carries 4200 tons.';
export const counted = "1, 2, 3, 4, 5, 6, 7, 8, 9";
export const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
export const city = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
export const said = (content) => [{ role: "user", content }];
export const slowly = { "x-entrepot-sandbox": "tokens_per_s=10" };
