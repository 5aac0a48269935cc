import { afterEach, describe, expect, it } from "vitest";
import { commandOf } from "./shortcuts";

function pressed(init: KeyboardEventInit, markup = '<button id="t"></button>') {
  document.body.innerHTML = markup;
  let command: unknown;
  window.addEventListener(
    "keydown",
    (event) => {
      command = commandOf(event);
    },
    { once: true },
  );
  document
    .getElementById("t")
    ?.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, composed: true, ...init }));
  return command;
}

afterEach(() => {
  document.body.innerHTML = "";
});

describe("commandOf", () => {
  it("knows its keys", () => {
    expect(pressed({ key: "?" })).toBe("help");
    expect(pressed({ key: "/" })).toBe("focus");
    expect(pressed({ key: "Enter", ctrlKey: true })).toBe("send");
    expect(pressed({ key: "Enter", metaKey: true })).toBe("send");
    expect(pressed({ key: "˜", code: "KeyN", altKey: true })).toBe("add");
    expect(pressed({ key: "Escape" })).toBe("stop");
  });

  it("leaves letters to text fields", () => {
    const field = '<textarea id="t"></textarea>';
    expect(pressed({ key: "?" }, field)).toBeNull();
    expect(pressed({ key: "/" }, '<input id="t">')).toBeNull();
    expect(pressed({ key: "Enter", ctrlKey: true }, field)).toBe("send");
    expect(pressed({ key: "Escape" }, field)).toBe("stop");
  });

  it("leaves everything to an open dialog", () => {
    expect(pressed({ key: "Escape" }, '<div role="dialog"><input id="t"></div>')).toBeNull();
    expect(pressed({ key: "Enter", ctrlKey: true }, '<div role="menu"><b id="t"></b></div>')).toBeNull();
  });

  it("takes no other combination", () => {
    expect(pressed({ key: "n", code: "KeyN", altKey: true, ctrlKey: true })).toBeNull();
    expect(pressed({ key: "Enter" })).toBeNull();
    expect(pressed({ key: "?", isComposing: true })).toBeNull();
  });
});
