// How a version did on days it was not made from: figures beside what a plain rule would have reached, and a picture.
import { useTranslation } from 'react-i18next';
import type { PredictionVersion } from '@/api/types';
import { useFormat } from '@/i18n/format';
import { Chart } from '@/parts/chart';
import { PALETTE } from '@/parts/channel';

type Figure = { name: string; value: string; beside?: string };

const Figures = ({ rows }: { rows: Figure[] }) => (
  <dl className="grid cols-4 prediction-figures">
    {rows.map((row) => (
      <div key={row.name}>
        <dt className="muted small">{row.name}</dt>
        <dd className="num">{row.value}</dd>
        {row.beside && <dd className="muted small">{row.beside}</dd>}
      </div>
    ))}
  </dl>
);

const grid = { left: 8, right: 8, top: 40, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' };
const three = (n: number) => n.toFixed(3);

const Chance = ({ of }: { of: NonNullable<PredictionVersion['chance']> }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const option = {
    grid,
    legend: { top: 0, left: 0 },
    tooltip: { trigger: 'axis', valueFormatter: (v: number) => format.percent(v) },
    xAxis: { type: 'category', data: of.tenths.map((_, i) => String(i + 1)) },
    yAxis: { type: 'value', splitNumber: 3, axisLabel: { formatter: (v: number) => format.percent(v) } },
    series: [
      { type: 'bar', name: t('predictions.actual'), data: of.tenths.map((x) => x.actual), itemStyle: { color: PALETTE[0], borderRadius: [2, 2, 0, 0] }, barMaxWidth: 22 },
      { type: 'line', name: t('predictions.predicted'), data: of.tenths.map((x) => x.predicted), itemStyle: { color: PALETTE[1] }, symbolSize: 7 },
    ],
  };
  return (
    <div className="stack">
      <Figures
        rows={[
          { name: 'AUC', value: three(of.auc), beside: t('predictions.recency_alone', { auc: three(of.recency_auc) }) },
          { name: t('predictions.calibration'), value: format.percent(of.calibration_error), beside: t('predictions.calibration_text') },
          { name: t('predictions.top_tenth'), value: `× ${format.decimal(of.tenths[0]?.lift ?? 0)}`, beside: t('predictions.captured', { share: format.percent(of.tenths[0]?.captured ?? 0) }) },
          { name: t('predictions.judged_on'), value: format.number(of.people), beside: t('predictions.cases', { n: format.number(of.cases) }) },
        ]}
      />
      <Chart option={option} height={210} label={t('predictions.by_tenth')} />
      <p className="muted small">{t('predictions.by_tenth_text')}</p>
    </div>
  );
};

const Worth = ({ of, currency }: { of: NonNullable<PredictionVersion['value']>; currency: string }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const rows = of.purchases.by_repeats;
  const option = {
    grid,
    legend: { top: 0, left: 0 },
    tooltip: { trigger: 'axis', valueFormatter: (v: number) => format.decimal(v) },
    xAxis: { type: 'category', data: rows.map((r, i) => (i === rows.length - 1 ? `${r.repeats}+` : String(r.repeats))) },
    yAxis: { type: 'value', splitNumber: 3 },
    series: [
      { type: 'bar', name: t('predictions.actual'), data: rows.map((r) => r.actual), itemStyle: { color: PALETTE[0], borderRadius: [2, 2, 0, 0] }, barMaxWidth: 22 },
      { type: 'line', name: t('predictions.predicted'), data: rows.map((r) => r.predicted), itemStyle: { color: PALETTE[1] }, symbolSize: 7 },
    ],
  };
  return (
    <div className="stack">
      <Figures
        rows={[
          { name: t('predictions.total_off'), value: format.percent(of.value.bias), beside: t('predictions.total_of', { predicted: format.moneyShort(of.value.predicted_total, currency), actual: format.moneyShort(of.value.actual_total, currency) }) },
          { name: t('predictions.mae'), value: format.money(of.value.mae, currency), beside: t('predictions.mae_beside', { other: format.money(of.value.own_rate_mae, currency) }) },
          { name: t('predictions.rank'), value: three(of.value.rank_correlation), beside: t('predictions.top_share', { share: format.percent(of.value.top_tenth_share) }) },
          { name: t('predictions.judged_on'), value: format.number(of.value.customers), beside: t('predictions.held_out', { days: of.value.days }) },
        ]}
      />
      <Chart option={option} height={210} label={t('predictions.by_repeats')} />
      <p className="muted small">
        {t('predictions.by_repeats_text')} <span className="mono nowrap">{`${of.model.toUpperCase().replace('_', '/')} r=${three(of.r)} α=${three(of.alpha)} a=${three(of.a)} b=${three(of.b)} · Gamma-Gamma p=${three(of.p)} q=${three(of.q)}`}</span>
      </p>
    </div>
  );
};

const Category = ({ of }: { of: NonNullable<PredictionVersion['category']> }) => {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Figures
      rows={[
        { name: t('predictions.hit_1'), value: format.percent(of.hit_1), beside: t('predictions.popular', { share: format.percent(of.popular_1) }) },
        { name: t('predictions.hit_3'), value: format.percent(of.hit_3), beside: t('predictions.popular', { share: format.percent(of.popular_3) }) },
        { name: t('predictions.judged_on'), value: format.number(of.people) },
      ]}
    />
  );
};

export const Quality = ({ version }: { version: PredictionVersion }) => (
  <>
    {version.chance && <Chance of={version.chance} />}
    {version.value && <Worth of={version.value} currency={version.currency} />}
    {version.category && <Category of={version.category} />}
  </>
);
