/** Figures over time, as lines or bars. The same figures stand in a table beside it, for who cannot see it. */
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import { UNKNOWN } from "./format";
import "uplot/dist/uPlot.min.css";

export interface Series {
  name: string;
  /** One value for each instant; null where nothing is known. */
  values: readonly (number | null)[];
  tone?: "bad";
}

interface Props {
  label: string;
  /** Instants in seconds since 1970. */
  times: readonly number[];
  series: readonly Series[];
  write: (value: number) => string;
  /** Bars stand on each other, from the last series up to the first, and each reaches over its whole step. */
  bars?: boolean;
  heightPx?: number;
}

const DAY_S = 86_400;
const LABEL_PX = 7; // a digit of an axis' label

export function Chart({ label, times, series, write, bars = false, heightPx = 220 }: Props) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const draw = () =>
      new uPlot(
        options(element, times, series, write, bars, heightPx),
        [times, ...(bars ? stacked(series) : series.map((each) => each.values))] as uPlot.AlignedData,
        element,
      );
    let plot = draw();
    const redraw = () => {
      plot.destroy();
      plot = draw();
    };
    const resized = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: heightPx }));
    resized.observe(element);
    const themed = new MutationObserver(redraw);
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      resized.disconnect();
      themed.disconnect();
      plot.destroy();
    };
  }, [times, series, write, bars, heightPx]);
  return <div aria-label={label} className="chart" ref={host} role="img" />;
}

function options(
  element: HTMLElement,
  times: readonly number[],
  series: readonly Series[],
  write: (value: number) => string,
  bars: boolean,
  heightPx: number,
): uPlot.Options {
  const colour = colours(element);
  const axis = {
    stroke: colour("--ink-3"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  const stepS = times.length > 1 ? (times.at(1) ?? 0) - (times.at(0) ?? 0) : 1;
  return {
    width: element.clientWidth,
    height: heightPx,
    cursor: { y: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    axes: [
      { ...axis, size: 30, values: (_, at, __, ___, incrementS) => at.map((each) => tick(each, incrementS)) },
      {
        ...axis,
        size: (_, labels) => 12 + LABEL_PX * Math.max(3, ...(labels ?? []).map((each) => each.length)),
        values: (_, values) => values.map(write),
      },
    ],
    scales: {
      x: { range: (_, least, most) => [least, most + (bars ? stepS : 0)] },
      y: { range: (_, __, most) => [0, most ? most * 1.05 : 1] },
    },
    series: [
      { label: "Time (UTC)", value: (_, at) => (at == null ? UNKNOWN : instant(at)) },
      ...series.map((each, index): uPlot.Series => {
        const stroke = colour(each.tone === "bad" ? "--bad" : `--series-${(index % 6) + 1}`);
        return {
          label: each.name,
          stroke,
          width: bars ? 0 : 1.5,
          points: {
            show: !bars && each.values.some((_, at) => isAlone(each.values, at)),
            size: 5,
            fill: stroke,
          },
          value: (_, __, ___, at) => {
            const value = at === null ? null : (each.values[at] ?? null);
            return value === null ? UNKNOWN : write(value);
          },
          ...(bars &&
            uPlot.paths.bars && {
              paths: uPlot.paths.bars({ size: [0.8, 64], align: 1 }),
              fill: stroke,
            }),
        };
      }),
    ],
  };
}

/** A value that no line leads to or from. */
function isAlone(values: Series["values"], at: number): boolean {
  return values[at] != null && values[at - 1] == null && values[at + 1] == null;
}

/** For each series the sum of it and of those after it: so the first is drawn highest, and the others over it. */
function stacked(series: readonly Series[]): number[][] {
  return series.map((_, index) =>
    (series[index]?.values ?? []).map((__, at) =>
      series.slice(index).reduce((before, each) => before + (each.values[at] ?? 0), 0),
    ),
  );
}

function instant(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ");
}

function tick(seconds: number, incrementS: number): string {
  const date = new Date(seconds * 1000);
  if (incrementS < DAY_S && seconds % DAY_S !== 0) return date.toISOString().slice(11, 16);
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
}

/** Custom properties as the colours they have now: a canvas knows no `light-dark()`. */
function colours(element: HTMLElement): (name: string) => string {
  const probe = element.appendChild(document.createElement("span"));
  const read = (name: string) => {
    probe.style.color = `var(${name})`;
    return hex(getComputedStyle(probe).color);
  };
  return (name) => {
    if (!probe.isConnected) element.appendChild(probe);
    const found = read(name);
    probe.remove();
    return found;
  };
}

function hex(rgb: string): string {
  const parts = rgb.match(/\d+/g)?.slice(0, 3) ?? ["0", "0", "0"];
  return `#${parts.map((part) => Number(part).toString(16).padStart(2, "0")).join("")}`;
}
