import { Alert, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import type { AudiencesCompared } from '@/api/types';
import { useFormat } from '@/i18n/format';
import { Panel } from '@/parts/page';
import { ProblemNote } from '@/parts/problem';
import { Bones } from '@/parts/states';
import { useAudiences } from '../queries';
import { ProfileView } from './profile';

const Matrix = ({ compared }: { compared: AudiencesCompared }) => {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('compare.overlap')}>
      <table className="overlap">
        <thead>
          <tr>
            <th scope="col"><span className="sr">{t('audience.name')}</span></th>
            {compared.audiences.map((a) => <th key={a.key} scope="col">{a.name}</th>)}
          </tr>
        </thead>
        <tbody>
          {compared.audiences.map((row, i) => (
            <tr key={row.key}>
              <th scope="row">{row.name}</th>
              {row.overlap.map((n, k) => {
                const share = row.profile.people > 0 ? n / row.profile.people : 0;
                return (
                  <td key={k} style={{ background: i === k ? undefined : `color-mix(in srgb, var(--teal) ${Math.round(share * 55)}%, transparent)` }}>
                    <span className="num">{format.number(n)}</span>
                    {i !== k && <span className="muted small num"> {format.percent(share)}</span>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};

export const Compare = () => {
  const { t } = useTranslation();
  const audiences = useAudiences();
  const [keys, setKeys] = useState<string[]>([]);
  const [shown, setShown] = useState<string | null>(null);
  const compare = $api.useQuery('post', '/api/audiences/compare', { body: { audiences: keys } }, { enabled: keys.length > 0 });
  const options = (audiences.data ?? []).filter((a) => a.live).map((a) => ({ value: a.key, label: a.name }));
  const open = compare.data?.audiences.find((a) => a.key === shown) ?? compare.data?.audiences[0];
  return (
    <div className="stack">
      <Select mode="multiple" maxCount={8} value={keys} options={options} onChange={setKeys} placeholder={t('compare.choose')} aria-label={t('compare.choose')} style={{ width: '100%', maxWidth: 760 }} />
      {keys.length === 0 && <Alert type="info" showIcon title={t('compare.hint')} />}
      {compare.error && <ProblemNote error={compare.error} />}
      {keys.length > 0 && compare.isPending && !compare.error && <Bones rows={8} />}
      {compare.data && keys.length > 0 && (
        <>
          <Panel title={t('compare.overlap')}><Matrix compared={compare.data} /></Panel>
          {open && (
            <Panel title={t('compare.profile')} tools={<Select value={open.key} options={compare.data.audiences.map((a) => ({ value: a.key, label: a.name }))} onChange={setShown} aria-label={t('compare.profile')} popupMatchSelectWidth={false} />}>
              <ProfileView own={open.profile} all={compare.data.everybody} />
            </Panel>
          )}
        </>
      )}
    </div>
  );
};
