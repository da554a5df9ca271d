import { Link } from '@tanstack/react-router';
import { Spin } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Panel } from '@/parts/page';
import { Face } from '@/parts/people-table';
import { ProblemNote } from '@/parts/problem';
import type { Definition } from '@/parts/rule/rule';
import { useEstimate } from './use-estimate';

const Bars = ({ rows, of }: { rows: { key: string; name: string; people: number; note?: string }[]; of: number }) => {
  const format = useFormat();
  return (
    <ul className="estimate-rows">
      {rows.map((row) => (
        <li key={row.key}>
          <span className="ellipsis">{row.name}</span>
          <span className="num muted">{format.number(row.people)}{of > 0 ? ` · ${format.percent(row.people / of)}` : ''}</span>
          <span className="bar"><i style={{ width: `${of > 0 ? Math.min(100, (row.people / of) * 100) : 0}%` }} /></span>
        </li>
      ))}
    </ul>
  );
};

export const EstimatePanel = ({ definition, names }: { definition: Definition | null; names: Map<string, string> }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const estimate = useEstimate(definition);
  const { data } = estimate;
  return (
    <div className="estimate stack" aria-live="polite">
      <Panel title={t('estimate.title')} tools={estimate.busy ? <Spin size="small" /> : null}>
        {!estimate.asked && <p className="muted small">{t('estimate.incomplete')}</p>}
        {estimate.error ? <ProblemNote error={estimate.error} /> : null}
        {estimate.asked && data && (
          <div className="stack" style={{ opacity: estimate.busy ? 0.7 : 1 }}>
            <div>
              <div className="estimate-size">{data.exact ? '' : '≈ '}{format.number(data.size)}</div>
              <p className="muted small">
                {t('estimate.of', { share: format.percent(data.people > 0 ? data.size / data.people : 0), people: format.number(data.people) })}
                {' · '}
                {data.exact ? t('estimate.exact') : t('estimate.sample', { low: format.number(data.low), high: format.number(data.high), n: format.number(data.looked_at) })}
              </p>
            </div>
            <div>
              <p className="small" style={{ marginBottom: 6 }}>{t('estimate.reach')}</p>
              <Bars rows={data.reach.map((r) => ({ key: r.channel, name: label('channel', r.channel), people: r.people }))} of={data.size} />
            </div>
            {data.overlap.length > 0 && (
              <div>
                <p className="small" style={{ marginBottom: 6 }}>{t('estimate.overlap')}</p>
                <Bars rows={[...data.overlap].sort((a, b) => b.both - a.both).slice(0, 6).map((o) => ({ key: o.key, name: names.get(o.key) ?? o.key, people: o.both }))} of={data.size} />
              </div>
            )}
            {data.sample.length > 0 && (
              <div>
                <p className="small" style={{ marginBottom: 6 }}>{t('estimate.some')}</p>
                <ul className="stack tight">
                  {data.sample.slice(0, 6).map((p) => (
                    <li key={p.id} className="row small">
                      <Face row={p} />
                      <Link to="/people/$id" params={{ id: p.id }} className="ellipsis">{p.display_name || t('person.unnamed')}</Link>
                    </li>
                  ))}
                </ul>
              </div>
            )}
          </div>
        )}
      </Panel>
    </div>
  );
};
