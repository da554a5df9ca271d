// Charts. The engine is loaded when the first chart is shown; its place is kept free until then.
import type { EChartsCoreOption } from 'echarts/core';
import { lazy, Suspense } from 'react';

const Engine = lazy(() => import('./chart-engine'));

export type ChartProps = { option: EChartsCoreOption; height: number; label: string; onPick?: (key: string, series: string) => void };

export const Chart = (props: ChartProps) => (
  <div style={{ height: props.height }}>
    <Suspense fallback={null}>
      <Engine {...props} />
    </Suspense>
  </div>
);
