/** A score as a bar of its scale. What has no known end, such as points, has no bar. */
import type { Benchmark } from "../api/types";

export function Bar({ score: { score, unit } }: { score: Pick<Benchmark, "score" | "unit"> }) {
  if (unit === "points") return null;
  return (
    <svg aria-hidden="true" className="bar" preserveAspectRatio="none" viewBox="0 0 100 1">
      <rect className="bar-track" height="1" width="100" />
      <rect className="bar-value" height="1" width={Math.max(0, Math.min(100, score))} />
    </svg>
  );
}

export function scoreText({ score, unit }: Pick<Benchmark, "score" | "unit">): string {
  return unit === "points" ? `${score} points` : `${score}${unit === "%" ? "%" : " / 100"}`;
}
