/** The protocols in which the workbench calls models. */
import type { Call, Protocol } from "../call";
import * as chat from "./chat";
import * as messages from "./messages";
import type { Shaped } from "./request";
import * as responses from "./responses";
import type { Reader } from "./stream";

interface Dialect {
  label: string;
  request: (call: Call) => Shaped;
  reader: () => Reader;
}

export const DIALECTS: Readonly<Record<Protocol, Dialect>> = {
  chat: { label: "Chat", ...chat },
  responses: { label: "Responses", ...responses },
  messages: { label: "Messages", ...messages },
};

export const PROTOCOLS = Object.keys(DIALECTS) as readonly Protocol[];

export function isProtocol(name: string | null): name is Protocol {
  return name !== null && Object.hasOwn(DIALECTS, name);
}
