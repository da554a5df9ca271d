import { Tabs } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CreditRow } from '@/api/types';
import { useFormat } from '@/i18n/format';
import { PageHead } from '@/parts/page';
import { Empty, Loaded } from '@/parts/states';
import { Conversions } from './parts/conversions';
import { Models } from './parts/models';
import { Paths } from './parts/paths';
import { PeopleBehind } from './parts/people';
import { ReportTable, Totals } from './parts/report';
import { Rules } from './parts/rules';
import { Spend } from './parts/spend';
import { Toolbar } from './parts/toolbar';
import { useConversions, useReport } from './queries';
import { useCreditQuery } from './use-credit-query';
import './credit.css';

const TABS = ['report', 'paths', 'rules', 'conversions', 'spend'] as const;

const Report = ({ state }: { state: ReturnType<typeof useCreditQuery> }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const report = useReport(state.query.conversion ? state.query : null);
  const [row, setRow] = useState<CreditRow | null>(null);
  const asked = state.search.key;
  return (
    <Loaded query={report} rows={14} empty={(data) => (data.total.conversions === 0 ? <Empty title={t('credit.none')} text={t('credit.none_text')} /> : null)}>
      {(data) => (
        <div className="stack">
          <Totals report={data} />
          <section className="card" style={{ overflow: 'hidden' }}>
            <ReportTable report={data} busy={report.isPlaceholderData} open={setRow} />
          </section>
          <Models report={data} />
          <p className="muted small">
            {t('credit.foot', { from: format.date(data.from), to: format.date(data.to), version: data.identity_version, events: format.number(data.events_scanned), ms: format.decimal(data.elapsed_ms), at: format.dateTime(data.as_of) })}
          </p>
          {row && <PeopleBehind query={state.query} row={row} hide={() => setRow(null)} />}
          {!row && asked && <PeopleBehind query={state.query} row={data.rows.find((r) => r.key === asked) ?? { key: asked, label: asked }} hide={() => state.set({ key: undefined })} />}
        </div>
      )}
    </Loaded>
  );
};

export const CreditPage = () => {
  const { t } = useTranslation();
  const conversions = useConversions();
  const chosen = conversions.data?.find((c) => c.default) ?? conversions.data?.[0];
  const state = useCreditQuery(chosen?.key);
  const tab = TABS.find((x) => x === state.search.tab) ?? 'report';
  const conversion = conversions.data?.find((c) => c.key === state.query.conversion);
  return (
    <>
      <PageHead title={t('nav.credit')} text={t('credit.text')} />
      <Tabs
        activeKey={tab}
        onChange={(key) => state.set({ tab: key === 'report' ? undefined : key })}
        items={[
          { key: 'report', label: t('credit.tab_report') },
          { key: 'paths', label: t('credit.tab_paths') },
          { key: 'rules', label: t('credit.tab_rules') },
          { key: 'conversions', label: t('credit.tab_conversions') },
          { key: 'spend', label: t('credit.tab_spend') },
        ]}
      />
      {(tab === 'report' || tab === 'paths') && (
        <Loaded query={conversions} rows={12} empty={(list) => (list.length === 0 ? <Empty title={t('credit.no_conversion')} text={t('credit.no_conversion_text')} /> : null)}>
          {(list) => (
            <>
              <Toolbar state={state} conversions={list} withModel={tab === 'report'} />
              {tab === 'report' ? <Report state={state} /> : <Paths query={state.query} currency={conversion?.currency ?? 'CNY'} />}
            </>
          )}
        </Loaded>
      )}
      {tab === 'rules' && <Rules />}
      {tab === 'conversions' && <Conversions />}
      {tab === 'spend' && <Spend />}
    </>
  );
};
