// The line: one thin stroke that joins dots. It is the logo, the empty states and the timeline.
import { useId } from 'react';

export const Logo = ({ size = 26 }: { size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
    <path d="M4 23C10 23 9.5 10 16 10s5.5 9.5 11 9.5" fill="none" stroke="currentColor" strokeWidth="2.2" strokeLinecap="round" />
    <circle cx="4.5" cy="23" r="3" fill="#3fb8af" />
    <circle cx="16" cy="10" r="3" fill="#3fb8af" />
    <circle cx="27" cy="19.5" r="3.6" fill="#f0785f" />
  </svg>
);

const SHAPES = {
  empty: { d: 'M8 60C40 60 38 22 70 22s34 44 66 44 30-30 56-30', dots: [[8, 60], [70, 22], [136, 66]], end: [192, 36] },
  broken: { d: 'M8 46c26 0 30-22 58-22 14 0 20 8 24 16M118 50c6 10 16 16 30 16 24 0 24-26 44-26', dots: [[8, 46], [66, 24], [148, 66]], end: [192, 40] },
  closed: { d: 'M8 44h62M130 44h62', dots: [[8, 44], [70, 44], [130, 44]], end: [192, 44] },
} as const;

/** The picture of a state: an open line (nothing yet), a broken one (error), a gate (no permission). */
export const LineArt = ({ shape = 'empty' }: { shape?: keyof typeof SHAPES }) => {
  const { d, dots, end } = SHAPES[shape];
  return (
    <svg width="200" height="88" viewBox="0 0 200 88" aria-hidden="true">
      <path d={d} fill="none" stroke="var(--thread)" strokeWidth="1.8" strokeLinecap="round" strokeDasharray={shape === 'closed' ? undefined : '0'} />
      {shape === 'closed' && <path d="M92 30v28M108 30v28" stroke="var(--verm)" strokeWidth="2.2" strokeLinecap="round" />}
      {dots.map(([x, y]) => (
        <circle key={`${x}`} cx={x} cy={y} r="4.5" fill="var(--surface)" stroke="var(--teal)" strokeWidth="1.8" />
      ))}
      <circle cx={end[0]} cy={end[1]} r="5.5" fill={shape === 'empty' ? 'var(--surface)' : 'var(--verm)'} stroke="var(--verm)" strokeWidth="1.8" />
    </svg>
  );
};

/** A small trend without axes; the numbers stand beside it. */
export const Spark = ({ values, width = 120, height = 32, label }: { values: number[]; width?: number; height?: number; label: string }) => {
  const id = useId();
  const max = Math.max(...values, 1);
  const step = values.length > 1 ? width / (values.length - 1) : width;
  const points = values.map((v, i) => `${(i * step).toFixed(1)},${(height - 3 - (v / max) * (height - 6)).toFixed(1)}`);
  return (
    <svg width="100%" height={height} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-labelledby={id}>
      <title id={id}>{label}</title>
      <polygon points={`0,${height} ${points.join(' ')} ${width},${height}`} fill="var(--teal)" opacity="0.09" />
      <polyline points={points.join(' ')} fill="none" stroke="var(--teal)" strokeWidth="1.6" vectorEffect="non-scaling-stroke" strokeLinejoin="round" />
    </svg>
  );
};
