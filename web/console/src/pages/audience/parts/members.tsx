import { Link } from '@tanstack/react-router';
import { Button, Drawer, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AudienceDetail } from '@/api/types';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Ago, items, More, StageChip } from '@/parts/bits';
import { Chart } from '@/parts/chart';
import { PALETTE } from '@/parts/channel';
import { Panel } from '@/parts/page';
import { Face } from '@/parts/people-table';
import { Empty, Loaded } from '@/parts/states';
import { WhyTree } from '@/parts/rule/why';
import { useMembers, useReach } from '../queries';

const Trend = ({ audience }: { audience: AudienceDetail }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const rows = audience.trend;
  if (rows.length < 2) return null;
  const option = {
    grid: { left: 8, right: 8, top: 36, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    legend: { top: 0, left: 0 },
    tooltip: { trigger: 'axis', valueFormatter: (v: number) => format.number(v) },
    xAxis: { type: 'category', data: rows.map((r) => format.dateTime(r.at)), axisLabel: { hideOverlap: true } },
    yAxis: [{ type: 'value', scale: true, splitNumber: 3 }, { type: 'value', splitNumber: 3, splitLine: { show: false } }],
    series: [
      { type: 'line', step: 'end', name: t('audience.size'), data: rows.map((r) => r.size), showSymbol: false, itemStyle: { color: PALETTE[0] } },
      { type: 'bar', yAxisIndex: 1, name: t('audience.entered'), stack: 'flow', data: rows.map((r) => r.entered), itemStyle: { color: PALETTE[2], opacity: 0.55 }, barMaxWidth: 8 },
      { type: 'bar', yAxisIndex: 1, name: t('audience.exited'), stack: 'flow', data: rows.map((r) => -r.exited), itemStyle: { color: PALETTE[1], opacity: 0.55 }, barMaxWidth: 8 },
    ],
  };
  return <Panel title={t('audience.trend')}><Chart option={option} height={220} label={t('audience.trend')} /></Panel>;
};

const Reach = ({ audience }: { audience: AudienceDetail }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const reach = useReach(audience.key);
  const size = audience.live?.size ?? 0;
  return (
    <Panel title={t('estimate.reach')}>
      <Loaded query={reach} rows={4}>
        {(rows) => (
          <ul className="estimate-rows">
            {rows.map((r) => (
              <li key={r.channel}>
                <span>{label('channel', r.channel)}</span>
                <span className="num muted">{format.number(r.people)}{size > 0 ? ` · ${format.percent(r.people / size)}` : ''}</span>
                <span className="bar"><i style={{ width: `${size > 0 ? (r.people / size) * 100 : 0}%` }} /></span>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
};

export const Members = ({ audience }: { audience: AudienceDetail }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const members = useMembers(audience.key);
  const [why, setWhy] = useState<string | null>(null);
  return (
    <div className="stack">
      <div className="grid wide-left">
        <Trend audience={audience} />
        <Reach audience={audience} />
      </div>
      <Panel title={t('audience.members')} flush tools={<Button size="small" href={`/api/audiences/${audience.key}/members.csv`}>{t('audience.csv')}</Button>}>
        <Loaded query={{ ...members, data: items(members.data) }} rows={8} empty={(rows) => (rows.length === 0 ? <Empty title={t('audience.nobody')} text={t('audience.nobody_text')} /> : null)}>
          {(rows) => (
            <Table
              size="small"
              rowKey={(m) => m.person.id}
              dataSource={rows}
              pagination={false}
              scroll={{ x: 620 }}
              columns={[
                { title: t('people.person'), key: 'person', render: (_, m) => <span className="row"><Face row={m.person} /><Link to="/people/$id" params={{ id: m.person.id }} className="ellipsis">{m.person.display_name || t('person.unnamed')}</Link></span> },
                { title: t('people.stage'), key: 'stage', width: 130, render: (_, m) => <StageChip stage={m.person.stage} /> },
                { title: t('audience.since'), key: 'since', width: 140, render: (_, m) => <Ago at={m.since_at} /> },
                { title: t('audience.cause'), key: 'cause', width: 150, render: (_, m) => label('audience_cause', m.cause) },
                { title: '', key: 'why', width: 90, align: 'end', render: (_, m) => <Button size="small" onClick={() => setWhy(m.person.id)}>{t('audience.why')}</Button> },
              ]}
            />
          )}
        </Loaded>
        <More query={members} />
      </Panel>
      {why && (
        <Drawer open onClose={() => setWhy(null)} size={560} title={t('audience.why_title')}>
          <WhyTree person={why} audience={audience.key} />
        </Drawer>
      )}
    </div>
  );
};
