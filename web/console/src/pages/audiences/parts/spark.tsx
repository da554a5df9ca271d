// The size of an audience over the last 30 days as a small line. Drawn by hand: a chart engine for 120 × 28 pixels is too much.
import type { Audience } from '@/api/types';

const W = 120;
const H = 28;

export const Spark = ({ trend, size }: { trend: Audience['trend']; size: number }) => {
  // An audience keeps its size between the hours in which somebody came or went.
  const points = [...trend.map((p) => ({ at: new Date(p.at).getTime(), size: p.size })), { at: new Date().getTime(), size }];
  const first = points[0]?.at ?? 0;
  const last = points.at(-1)?.at ?? 1;
  const low = Math.min(...points.map((p) => p.size));
  const high = Math.max(...points.map((p) => p.size));
  const x = (at: number) => (last === first ? W : ((at - first) / (last - first)) * W);
  const y = (n: number) => (high === low ? H / 2 : H - 3 - ((n - low) / (high - low)) * (H - 6));
  const path = points.map((p, i) => (i === 0 ? `M${x(p.at).toFixed(1)} ${y(p.size).toFixed(1)}` : `H${x(p.at).toFixed(1)}V${y(p.size).toFixed(1)}`)).join('');
  return (
    <svg viewBox={`0 0 ${W} ${H}`} width={W} height={H} aria-hidden="true" className="spark">
      <path d={points.length < 2 ? `M0 ${H / 2}H${W}` : path} fill="none" />
    </svg>
  );
};
