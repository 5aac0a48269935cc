import { describe, expect, it } from "vitest";
import { readPlace, writePlace } from "./address";

describe("the address", () => {
  it("carries models, protocol and parameters there and back", () => {
    const place = {
      models: ["openai/gpt-4.1-mini", "a b&c"],
      protocol: "messages" as const,
      parameters: {
        temperature: 0.5,
        stop: ["a", "b"],
        user: "12",
        seed: 0,
        store: false,
        note: "true & so",
      },
      system: "",
      prompt: "",
    };
    expect(readPlace(writePlace(place))).toEqual(place);
  });

  it("is bare where nothing is set", () => {
    expect(writePlace({ models: [], protocol: "chat", parameters: {} })).toBe("");
    expect(writePlace({ models: ["a/b"], protocol: "chat", parameters: {} })).toBe("?model=a/b");
  });

  it("takes the prompt along when it is given", () => {
    const text = writePlace({
      models: ["a"],
      protocol: "chat",
      parameters: {},
      prompt: "Say ü",
      system: "Be brief",
    });
    expect(readPlace(text)).toMatchObject({ prompt: "Say ü", system: "Be brief" });
  });

  it("knows no key, and no protocol that is none", () => {
    const place = readPlace("?model=a&key=ep-live-1&api_key=2&protocol=toString&temperature=1");
    expect(place).toMatchObject({ models: ["a"], protocol: "chat", parameters: { temperature: 1 } });
  });

  it("has at most six models", () => {
    expect(readPlace(`?${"model=a&".repeat(9)}`).models).toHaveLength(6);
  });
});
