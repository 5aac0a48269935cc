/** Server-sent events from bytes, as they come: any cut, any line end, comments and data of several lines. */

export interface SseEvent {
  /** What `event:` named, else "message". */
  type: string;
  data: string;
}

/** Takes the next bytes and gives the events that they complete. */
type SseParser = (bytes: Uint8Array) => SseEvent[];

export function sseParser(): SseParser {
  const decoder = new TextDecoder();
  let rest = "";
  let type = "";
  let data: string[] = [];

  const line = (text: string, events: SseEvent[]) => {
    if (text === "") {
      if (data.length > 0) events.push({ type: type || "message", data: data.join("\n") });
      type = "";
      data = [];
      return;
    }
    const colon = text.indexOf(":");
    const name = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(colon + (text[colon + 1] === " " ? 2 : 1));
    if (name === "data") data.push(value);
    else if (name === "event") type = value;
  };

  return (bytes) => {
    const events: SseEvent[] = [];
    const text = rest + decoder.decode(bytes, { stream: true });
    let from = 0;
    for (const match of text.matchAll(/\r\n|\n|\r/g)) {
      // A carriage return at the very end may be the first half of a line end.
      if (match[0] === "\r" && match.index === text.length - 1) break;
      line(text.slice(from, match.index), events);
      from = match.index + match[0].length;
    }
    rest = text.slice(from);
    return events;
  };
}
