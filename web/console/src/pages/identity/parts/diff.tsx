import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { RulesDifference } from '@/api/types';
import { useFormat } from '@/i18n/format';
import { IdentifierTag } from '@/parts/identifier';
import { Panel } from '@/parts/page';

/** What the changed rules would do to the people there are. */
export const Diff = ({ data }: { data: RulesDifference }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const { counts } = data;
  const figures = [
    { name: t('id_diff.people'), value: `${format.number(counts.people_before)} → ${format.number(counts.people_after)}` },
    { name: t('id_diff.split'), value: format.number(counts.split) },
    { name: t('id_diff.joined'), value: format.number(counts.joined) },
    { name: t('id_diff.events'), value: format.number(counts.events_affected) },
  ];
  return (
    <Panel title={t('id_diff.title')}>
      <div className="stack">
        <dl className="grid cols-4">
          {figures.map((f) => (
            <div key={f.name}>
              <dt className="muted small">{f.name}</dt>
              <dd className="num" style={{ fontSize: 18, fontWeight: 600 }}>{f.value}</dd>
            </div>
          ))}
        </dl>
        {data.split.map((s) => (
          <div key={s.person_id} className="graph-person">
            <div className="row small" style={{ marginBottom: 6 }}><span className="chip warn">{t('id_diff.splits')}</span> <Link to="/people/$id" params={{ id: s.person_id }} className="mono">{s.person_id}</Link></div>
            <div className="grid cols-2" style={{ gap: 8 }}>
              {s.into.map((group, i) => (
                <div key={i} className="side row wrap" style={{ gap: '2px 14px' }}>{group.map((x) => <IdentifierTag key={x.namespace + x.value} {...x} />)}</div>
              ))}
            </div>
          </div>
        ))}
        {data.joined.map((j) => (
          <div key={j.person_ids.join()} className="graph-person row wrap small">
            <span className="chip info">{t('id_diff.joins')}</span>
            {j.person_ids.map((id) => <Link key={id} to="/people/$id" params={{ id }} className="mono">{id}</Link>)}
          </div>
        ))}
        {counts.split + counts.joined > data.split.length + data.joined.length && <p className="muted small">{t('id_diff.sample', { count: data.sample_limit })}</p>}
      </div>
    </Panel>
  );
};
