import { memo } from "react";
import { Chart, type Series } from "../../ui/Chart";
import { labelOf } from "../filter";
import type { Names } from "../names";
import {
  ERRORS,
  type Figure,
  LATENCY,
  LATENCY_95,
  REQUESTS,
  SPEND,
  SUCCEEDED,
  TOKENS,
  TOKENS_IN,
  TOKENS_OUT,
  TTFT,
  TTFT_95,
  valuesOf,
} from "./figures";
import type { Grouping, Line } from "./series";

interface Props {
  times: readonly number[];
  lines: readonly Line[];
  by: Grouping | null;
  names: Names;
}

interface Drawn {
  title: string;
  figure: Figure;
  series: Series[];
}

/** The figures over time: of all calls together, or a line for each group. A chart draws anew when its props change. */
export const Charts = memo(function Charts({ times, lines, by, names }: Props) {
  const charts = by === null ? together(lines) : apart(lines, by, names);
  return (
    <div className="charts">
      {charts.map(({ title, figure, series }) => (
        <figure className="panel" key={title}>
          <figcaption>{title}</figcaption>
          <Chart
            bars={figure.unused === 0}
            label={`${title} over time. The same figures stand in the table below.`}
            series={series}
            times={times}
            write={figure.write}
          />
        </figure>
      ))}
    </div>
  );
});

function together([all]: readonly Line[]): Drawn[] {
  const steps = all?.steps ?? [];
  const drawn = (title: string, figures: readonly Figure[]): Drawn[] => {
    const [figure] = figures;
    const series = figures.map(
      (each): Series => ({
        name: each.title,
        values: valuesOf(steps, each),
        ...(each === ERRORS && { tone: "bad" as const }),
      }),
    );
    return figure === undefined ? [] : [{ title, figure, series }];
  };
  return [
    ...drawn("Spend", [SPEND]),
    ...drawn("Requests", [SUCCEEDED, ERRORS]),
    ...drawn("Tokens", [TOKENS_IN, TOKENS_OUT]),
    ...drawn("Latency", [LATENCY, LATENCY_95, TTFT, TTFT_95]),
  ];
}

function apart(lines: readonly Line[], by: Grouping, names: Names): Drawn[] {
  return [SPEND, REQUESTS, TOKENS, ERRORS, LATENCY, TTFT].map((figure) => ({
    title: figure.title,
    figure,
    series: lines
      .filter(({ group }) => group !== null || figure.unused === 0) // of several groups no percentile is known
      .map(({ group, steps }) => ({
        name: group === null ? "All others" : labelOf(by, group || null, names),
        values: valuesOf(steps, figure),
      })),
  }));
}
