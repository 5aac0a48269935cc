/**
 * Attachments in code. A program is written with a short stand-in for each long `data:` URL; on screen it is shortened,
 * in what is copied it is whole.
 */
import { isRecord } from "../../api/client";
import { bytes } from "../../ui/format";

const LONGEST = 200;
const SHOWN = 24;

export interface Parted {
  body: unknown;
  /** Long texts by their stand-in. */
  urls: ReadonlyMap<string, string>;
}

/** The body with stand-ins: letters and digits only, so that no language has to quote them. */
export function parted(body: unknown): Parted {
  const urls = new Map<string, string>();
  const walk = (value: unknown): unknown => {
    if (typeof value === "string")
      return value.length > LONGEST && isBase64(value) ? standIn(value, urls) : value;
    if (Array.isArray(value)) return value.map(walk);
    if (!isRecord(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, walk(each)]));
  };
  return { body: walk(body), urls };
}

/** The program with everything in it. */
export function whole(code: string, urls: Parted["urls"]): string {
  return filled(code, urls, (url) => url);
}

/** The program as it is shown. */
export function shortened(code: string, urls: Parted["urls"]): string {
  return filled(code, urls, (url) => `${url.slice(0, SHOWN)}…(${bytes(url.length)})`);
}

/** `data:` URLs, and the bare base64 in which Messages and audio take files. */
function isBase64(text: string): boolean {
  return /^(?:data:[\w.+-]+\/[\w.+-]+;base64,)?[A-Za-z0-9+/]+={0,2}$/.test(text);
}

function standIn(url: string, urls: Map<string, string>): string {
  const name = `attachment${urls.size}x${Math.random().toString(36).slice(2)}x`;
  urls.set(name, url);
  return name;
}

function filled(code: string, urls: Parted["urls"], write: (url: string) => string): string {
  let text = code;
  for (const [name, url] of urls) text = text.replaceAll(name, () => write(url));
  return text;
}
