/** Scores by group as bars, each with what it measures and where and when it was read. */
import type { Benchmark, BenchmarkGroup, ModelPage } from "../../api/types";
import { day } from "../../ui/format";
import { Bar, scoreText } from "../Bar";

export function Benchmarks({ page }: { page: ModelPage }) {
  return (
    <div className="benchmarks">
      {page.benchmarks.map((group) => (
        <Group group={group} key={group.name} />
      ))}
    </div>
  );
}

function Group({ group }: { group: BenchmarkGroup }) {
  const origins = new Set(group.scores.map(origin));
  return (
    <section className="stack" data-tight>
      <h3>{group.name}</h3>
      <dl className="scores">
        {group.scores.map((score) => (
          <div className="score-line" key={score.name}>
            <dt>
              {score.name}
              {score.gloss && <small className="score-note">{score.gloss}</small>}
            </dt>
            <dd>
              <span className="score">{scoreText(score)}</span>
              <Bar score={score} />
              {score.version && <small className="score-note">Version: {score.version}</small>}
              {origins.size > 1 && <small className="score-note">{origin(score)}</small>}
            </dd>
          </div>
        ))}
      </dl>
      {origins.size === 1 && <p className="small faint">{[...origins][0]}</p>}
    </section>
  );
}

function origin(score: Benchmark): string {
  return `${score.source}, read ${day(score.retrieved_at)}`;
}
