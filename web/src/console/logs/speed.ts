import type { LogDetail } from "../../api/types";

/** Output tokens a second from the first token on; null where the answer came at once or none came. */
export function speed(
  log: Pick<LogDetail, "stream" | "ttft_ms" | "duration_ms" | "output_tokens">,
): number | null {
  if (!log.stream || log.ttft_ms === null || log.output_tokens === 0) return null;
  const answeringMs = log.duration_ms - log.ttft_ms;
  return answeringMs > 0 ? (log.output_tokens / answeringMs) * 1000 : null;
}
