import { useTranslation } from 'react-i18next';
import type { CreditPaths } from '@/api/types';
import { useFormat } from '@/i18n/format';
import { Chart } from '@/parts/chart';
import { PALETTE, useChannels } from '@/parts/channel';
import { Panel } from '@/parts/page';
import { Empty, Loaded } from '@/parts/states';
import { usePaths, type CreditQuery } from '../queries';

const Bars = ({ x, y, label, xName }: { x: string[]; y: number[]; label: string; xName: string }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const option = {
    grid: { left: 8, right: 8, top: 12, bottom: 24, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    tooltip: { trigger: 'axis', valueFormatter: (v: number) => format.decimal(v) },
    xAxis: { type: 'category', data: x, name: xName, nameLocation: 'middle', nameGap: 26 },
    yAxis: { type: 'value', splitNumber: 3, axisLabel: { formatter: (v: number) => format.short(v) } },
    series: [{ type: 'bar', name: t('credit.conversions'), data: y, itemStyle: { color: PALETTE[0], borderRadius: [2, 2, 0, 0] }, barMaxWidth: 26 }],
  };
  return <Chart option={option} height={220} label={label} />;
};

/** A path as stops on a thread. */
const Path = ({ path }: { path: string[] }) => {
  const channels = useChannels();
  return (
    <span className="path">
      {path.map((key, i) => (
        <span key={i} className="path-stop">
          <i style={{ borderColor: channels.color(key) }} />
          {channels.name(key)}
        </span>
      ))}
    </span>
  );
};

const Crossing = ({ title, text, data }: { title: string; text: string; data: { buyers: number; of: number; share: number } }) => {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className="card kpi">
      <p className="muted small">{title}</p>
      <p style={{ fontSize: 24, fontWeight: 620, lineHeight: '34px' }} className="num">{format.percent(data.share)}</p>
      <p className="small muted">{text} {t('credit.n_of', { n: format.number(data.buyers), of: format.number(data.of) })}</p>
    </div>
  );
};

const Top = ({ data, currency }: { data: CreditPaths; currency: string }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const max = Math.max(...data.top.map((p) => p.conversions), 1);
  return (
    <ol className="rows">
      {data.top.map((p) => (
        <li key={p.path.join('>')} className="path-row">
          <Path path={p.path} />
          <span className="path-bar"><i style={{ width: `${(p.conversions / max) * 100}%` }} /></span>
          <span className="num small nowrap">{t('credit.n_conversions', { n: format.decimal(p.conversions) })}</span>
          <b className="num nowrap">{format.money(p.revenue_minor, currency)}</b>
        </li>
      ))}
    </ol>
  );
};

export const Paths = ({ query, currency }: { query: CreditQuery; currency: string }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const paths = usePaths(query);
  return (
    <Loaded query={paths} rows={10} empty={(data) => (data.top.length === 0 ? <Empty title={t('credit.none')} text={t('credit.none_text')} /> : null)}>
      {(data) => (
        <div className="stack">
          <div className="grid cols-2">
            <Crossing title={t('credit.online_to_store')} text={t('credit.online_to_store_text')} data={data.cross.online_to_store} />
            <Crossing title={t('credit.store_to_online')} text={t('credit.store_to_online_text')} data={data.cross.store_to_online} />
          </div>
          <Panel title={t('credit.top_paths')} flush><Top data={data} currency={currency} /></Panel>
          <div className="grid cols-2">
            <Panel title={t('credit.length')}><Bars x={data.length.map((r) => format.number(r.touches))} y={data.length.map((r) => r.conversions)} label={t('credit.length')} xName={t('credit.touches')} /></Panel>
            <Panel title={t('credit.lag')}><Bars x={data.lag_days.map((r) => format.number(r.days))} y={data.lag_days.map((r) => r.conversions)} label={t('credit.lag')} xName={t('credit.lag_days')} /></Panel>
          </div>
        </div>
      )}
    </Loaded>
  );
};
