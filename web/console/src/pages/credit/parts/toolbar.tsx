import { Input, InputNumber, Segmented, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Conversion } from '@/api/types';
import { useLabel } from '@/i18n';
import { useBuiltInName } from '@/parts/built-in';
import { Field } from '@/parts/page';
import type { useCreditQuery } from '../use-credit-query';

const WINDOWS = [1, 7, 14, 30, 60, 90];

export const Toolbar = ({ state, conversions, withModel }: { state: ReturnType<typeof useCreditQuery>; conversions: Conversion[]; withModel: boolean }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const nameOf = useBuiltInName();
  const { query, search, set } = state;
  return (
    <div className="row wrap credit-bar">
      <Field label={t('credit.conversion')} id="credit-conversion">
        <Select id="credit-conversion" value={query.conversion} options={conversions.map((c) => ({ value: c.key, label: nameOf(c) }))} onChange={(v) => set({ conversion: v })} style={{ minWidth: 140 }} popupMatchSelectWidth={false} />
      </Field>
      {withModel && (
        <Field label={t('credit.model')} id="credit-model">
          <Select id="credit-model" value={query.model} options={state.models.map((m) => ({ value: m, label: label('model', m), title: label('model_text', m) }))} onChange={(v) => set({ model: v })} style={{ minWidth: 160 }} popupMatchSelectWidth={false} />
        </Field>
      )}
      {withModel && query.model === 'time_decay' && (
        <Field label={t('credit.half_life')} id="credit-half">
          <InputNumber id="credit-half" min={1} max={90} value={query.half_life_days} onChange={(v) => set({ half: v ? String(v) : undefined })} style={{ width: 92 }} />
        </Field>
      )}
      <Field label={t('credit.window')} id="credit-window">
        <Select id="credit-window" value={query.lookback_days} options={WINDOWS.map((n) => ({ value: n, label: t('overview.days', { count: n }) }))} onChange={(n) => set({ days: String(n) })} style={{ width: 104 }} />
      </Field>
      <Field label={t('credit.from')} id="credit-from">
        <Input id="credit-from" type="date" value={search.from ?? ''} max={search.to} onChange={(e) => set({ from: e.target.value || undefined })} style={{ width: 130 }} />
      </Field>
      <Field label={t('credit.to')} id="credit-to">
        <Input id="credit-to" type="date" value={search.to ?? ''} min={search.from} onChange={(e) => set({ to: e.target.value || undefined })} style={{ width: 130 }} />
      </Field>
      {withModel && (
        <Field label={t('credit.by')}>
          <Segmented value={query.by} options={state.bys.map((b) => ({ value: b, label: label('by', b) }))} onChange={(v) => set({ by: v })} aria-label={t('credit.by')} />
        </Field>
      )}
    </div>
  );
};
