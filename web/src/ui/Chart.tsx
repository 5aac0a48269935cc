/** Figures over time, as lines or bars. The same figures stand in a table beside it, for who cannot see it. */
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface Series {
  name: string;
  /** One value for each instant; null where nothing is known. */
  values: readonly (number | null)[];
}

interface Props {
  label: string;
  /** Instants in seconds since 1970. */
  times: readonly number[];
  series: readonly Series[];
  write: (value: number) => string;
  bars?: boolean;
  heightPx?: number;
}

export function Chart({ label, times, series, write, bars = false, heightPx = 220 }: Props) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const draw = () =>
      new uPlot(
        options(element, series, write, bars, heightPx),
        [times, ...series.map((each) => each.values)] as uPlot.AlignedData,
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
  return {
    width: element.clientWidth,
    height: heightPx,
    cursor: { y: false },
    axes: [axis, { ...axis, size: 64, values: (_, values) => values.map(write) }],
    scales: { y: { range: (_, __, most) => [0, Math.max(most ?? 0, Number.EPSILON) * 1.05] } },
    series: [
      {},
      ...series.map((each, index): uPlot.Series => {
        const stroke = colour(`--series-${(index % 6) + 1}`);
        return {
          label: each.name,
          stroke,
          width: 1.5,
          points: { show: each.values.length < 2 },
          value: (_, value) => (value == null ? "–" : write(value)),
          ...(bars &&
            uPlot.paths.bars && { paths: uPlot.paths.bars({ size: [0.7, 48] }), fill: `${stroke}66` }),
        };
      }),
    ],
  };
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
