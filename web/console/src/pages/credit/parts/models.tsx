// The same revenue divided by six models, side by side: how far the answer depends on the question.
import { Segmented, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CreditReport } from '@/api/types';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Chart } from '@/parts/chart';
import { PALETTE, useChannels } from '@/parts/channel';
import { MODELS } from '@/parts/codes';
import { Panel } from '@/parts/page';

const SHOWN = 8;

export const Models = ({ report }: { report: CreditReport }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const channels = useChannels();
  const [view, setView] = useState<'chart' | 'table'>('chart');
  const all = report.all_models;
  const rows = report.rows.map((row) => ({ key: row.key, name: report.by === 'channel' ? channels.name(row.channel) : row.label, channel: row.channel }));
  const top = rows.filter((row) => MODELS.some((m) => (all[m]?.[row.key] ?? 0) !== 0)).slice(0, SHOWN);
  const option = {
    grid: { left: 8, right: 8, top: 44, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    legend: { top: 0, left: 0, itemGap: 14 },
    tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' }, valueFormatter: (v: number) => format.money(v, report.currency) },
    xAxis: { type: 'category', data: top.map((r) => r.name), axisLabel: { interval: 0, hideOverlap: true, width: 84, overflow: 'truncate' } },
    yAxis: { type: 'value', splitNumber: 3, axisLabel: { formatter: (v: number) => format.moneyShort(v, report.currency) } },
    series: MODELS.map((m, i) => ({ type: 'bar', name: label('model', m), data: top.map((r) => all[m]?.[r.key] ?? 0), barMaxWidth: 11, barGap: '15%', itemStyle: { color: PALETTE[[2, 1, 3, 0, 4, 6][i] ?? 0], opacity: m === report.model ? 1 : 0.62, borderRadius: [2, 2, 0, 0] } })),
  };
  return (
    <Panel
      title={t('credit.models')}
      tools={<Segmented size="small" value={view} onChange={setView} options={[{ value: 'chart', label: t('credit.as_chart') }, { value: 'table', label: t('credit.as_table') }]} />}
    >
      <div style={{ minHeight: 300 }}>
        {view === 'chart' ? (
          <Chart option={option} height={300} label={t('credit.models')} />
        ) : (
          <Table
            size="small"
            rowKey="key"
            dataSource={rows.filter((row) => MODELS.some((m) => all[m]?.[row.key] !== undefined))}
            pagination={false}
            scroll={{ x: 860 }}
            columns={[
              { title: t('credit.channel'), dataIndex: 'name', width: 150, fixed: 'left' as const },
              ...MODELS.map((m) => ({ title: label('model', m), key: m, align: 'end' as const, className: m === report.model ? 'chosen' : '', render: (_: unknown, row: { key: string }) => format.money(all[m]?.[row.key] ?? 0, report.currency) })),
            ]}
          />
        )}
      </div>
    </Panel>
  );
};
