/** Files that go into a message: which ones a model takes, how large they may be, and how they are read. */

import { bytes } from "../../ui/format";
import type { Attachment } from "../call";
import { newId } from "../state";

/** Media types by the modality that a model must take in. */
const TYPES: Record<string, readonly string[]> = {
  image: ["image/png", "image/jpeg", "image/webp", "image/gif"],
  file: ["application/pdf"],
  audio: ["audio/wav", "audio/x-wav", "audio/mpeg", "audio/mp3"],
};
const WORDS: Record<string, string> = {
  image: "images (PNG, JPEG, WebP, GIF)",
  file: "PDF files",
  audio: "audio (WAV, MP3)",
};
const NORMAL: Record<string, string> = { "audio/x-wav": "audio/wav", "audio/mp3": "audio/mpeg" };

/** A request may have 32 MB unless the hub is set otherwise, and base64 makes four bytes of three. */
export const MOST_BYTES = 20 * 1024 * 1024;
export const MOST_FILES = 16;

type Incoming = Pick<File, "name" | "type" | "size">;

/** The `accept` of a file input. */
export function acceptedTypes(accepts: readonly string[]): string[] {
  return accepts.flatMap((modality) => TYPES[modality] ?? []);
}

/** What a model takes beside text, in words; null where it takes nothing else. */
export function acceptedWords(accepts: readonly string[]): string | null {
  const words = accepts.flatMap((modality) => WORDS[modality] ?? []);
  return words.length === 0 ? null : words.join(", ");
}

/** Why a file cannot be attached, or null when it can. */
export function refusal(
  file: Incoming,
  items: readonly Attachment[],
  accepts: readonly string[],
): string | null {
  const name = file.name || "The file";
  if (!acceptedTypes(accepts).includes(file.type)) {
    const taken = acceptedWords(accepts);
    return taken === null ? `${name}: the model reads text only.` : `${name}: the model takes ${taken}.`;
  }
  if (file.size === 0) return `${name} is empty.`;
  const used = items.reduce((sum, item) => sum + item.bytes, 0);
  if (used + file.size > MOST_BYTES) {
    return `${name} is too large: attachments may have ${bytes(MOST_BYTES)} together, and ${bytes(MOST_BYTES - used)} are left.`;
  }
  return items.length >= MOST_FILES ? `${name}: no more than ${MOST_FILES} files at a time.` : null;
}

/** What is attached although the models that are chosen now cannot read it. */
export function unreadable(items: readonly Attachment[], accepts: readonly string[]): Attachment[] {
  const types = acceptedTypes(accepts).map(normal);
  return items.filter((item) => !types.includes(item.mediaType));
}

/** Throws Error in words when the browser cannot read the file. */
export async function attachmentOf(file: File): Promise<Attachment> {
  const mediaType = normal(file.type);
  const url = await dataUrl(file);
  return {
    id: newId(),
    name: file.name || "pasted",
    mediaType,
    url: url.replace(/^data:[^;,]*/, `data:${mediaType}`),
    bytes: file.size,
  };
}

function normal(type: string): string {
  return NORMAL[type] ?? type;
}

function dataUrl(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Error(`${file.name} cannot be read.`));
    reader.readAsDataURL(file);
  });
}
