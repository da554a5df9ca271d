// The audiences a person is in, why, and where the person's data went.
import { Link } from '@tanstack/react-router';
import { Button, Drawer } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import type { Person } from '@/api/types';
import { useLabel } from '@/i18n';
import { Ago } from '@/parts/bits';
import { Panel } from '@/parts/page';
import { WhyTree } from '@/parts/rule/why';
import { Loaded } from '@/parts/states';
import '@/pages/audiences/audiences.css';

export const Audiences = ({ person }: { person: Person }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const audiences = $api.useQuery('get', '/api/people/{id}/audiences', { params: { path: { id: person.id } } });
  const [why, setWhy] = useState<string | null>(null);
  return (
    <Panel title={t('nav.audiences')}>
      <Loaded query={audiences} rows={3} empty={(list) => (list.length === 0 ? <p className="muted small">{t('person.no_audience')}</p> : null)}>
        {(list) => (
          <ul className="stack tight">
            {list.map((a) => (
              <li key={a.key} className="row">
                <span className="grow">
                  <Link to="/audiences/$key" params={{ key: a.key }} className="ellipsis">{a.name}</Link>
                  <span className="muted small" style={{ display: 'block' }}><Ago at={a.since_at} /> · {label('audience_cause', a.cause)}</span>
                </span>
                <Button size="small" onClick={() => setWhy(a.key)} aria-label={t('audience.why_named', { name: a.name })}>{t('audience.why')}</Button>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {why && <Drawer open onClose={() => setWhy(null)} size={560} title={t('audience.why_title')}><WhyTree person={person.id} audience={why} /></Drawer>}
    </Panel>
  );
};

export const Exports = ({ person }: { person: Person }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const exports = $api.useQuery('get', '/api/people/{id}/exports', { params: { path: { id: person.id } } });
  if (exports.data?.items.length === 0) return null;
  return (
    <Panel title={t('person.exports')}>
      <Loaded query={{ ...exports, data: exports.data?.items }} rows={2}>
        {(list) => (
          <ul className="stack tight small">
            {list.map((e) => (
              <li key={e.run_id + e.what + e.at} className="row between">
                <span className="ellipsis">{label('export_what', e.what)} · {e.destination} · {label('purpose', e.purpose)}</span>
                <span className="muted nowrap"><Ago at={e.at} /></span>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
};
