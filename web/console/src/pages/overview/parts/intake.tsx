import { useTranslation } from 'react-i18next';
import type { Overview } from '@/api/types';
import { useFormat } from '@/i18n/format';
import { Chart } from '@/parts/chart';
import { PALETTE } from '@/parts/channel';

export const Intake = ({ rows }: { rows: Overview['events_per_day'] }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const option = {
    grid: { left: 8, right: 8, top: 28, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    legend: { top: 0, right: 0, itemGap: 16 },
    tooltip: { trigger: 'axis', valueFormatter: (v: number) => format.number(v) },
    xAxis: { type: 'category', data: rows.map((r) => format.day(r.day)) },
    yAxis: { type: 'value', splitNumber: 3, axisLabel: { formatter: (v: number) => format.short(v) } },
    series: [
      { type: 'bar', stack: 'all', name: t('overview.recorded'), data: rows.map((r) => r.events), itemStyle: { color: PALETTE[0] }, barMaxWidth: 18 },
      { type: 'bar', stack: 'all', name: t('verdict.quarantined'), data: rows.map((r) => r.quarantined), itemStyle: { color: PALETTE[1], borderRadius: [2, 2, 0, 0] }, barMaxWidth: 18 },
    ],
  };
  return <Chart option={option} height={216} label={t('overview.events_per_day')} />;
};
