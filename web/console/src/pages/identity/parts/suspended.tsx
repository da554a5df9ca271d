import { Button, Table } from 'antd';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/app/session';
import { useFormat } from '@/i18n/format';
import { Ago } from '@/parts/bits';
import { IdentifierTag } from '@/parts/identifier';
import { Panel } from '@/parts/page';
import { Said } from '@/parts/said';
import { Empty, Loaded } from '@/parts/states';
import { useSuspended, useSuspendedAct } from '../queries';

export const SuspendedList = () => {
  const { t } = useTranslation();
  const format = useFormat();
  const { can } = useSession();
  const list = useSuspended();
  const act = useSuspendedAct();
  const go = (id: string, action: 'release' | 'block') => act.mutate({ params: { path: { id } }, body: { action } });
  return (
    <Panel title={t('identity.tab_suspended')} flush>
      <p className="muted small" style={{ padding: '0 16px 10px' }}>{t('suspended.text')}</p>
      <Loaded query={{ ...list, data: list.data?.items }} rows={4} empty={(rows) => (rows.length === 0 ? <Empty title={t('suspended.none')} /> : null)}>
        {(rows) => (
          <Table
            size="small"
            rowKey="identifier_id"
            pagination={false}
            dataSource={rows}
            scroll={{ x: 760 }}
            columns={[
              { title: t('line.by'), key: 'id', render: (_, r) => <IdentifierTag namespace={r.namespace} value={r.value} /> },
              { title: t('suspended.persons'), key: 'n', align: 'end', render: (_, r) => format.number(r.persons_24h) },
              { title: t('person.reason'), key: 'why', render: (_, r) => <span className="small"><Said text={r.reason} wording={r.wording} /></span> },
              { title: t('suspended.since'), key: 'since', render: (_, r) => <Ago at={r.since} /> },
              { title: <span className="sr">{t('action.actions')}</span>, key: 'do', align: 'end', render: (_, r) => can('write') && (
                <span className="row" style={{ justifyContent: 'flex-end' }}>
                  <Button size="small" onClick={() => go(r.identifier_id, 'release')} disabled={act.isPending}>{t('suspended.release')}</Button>
                  <Button size="small" danger onClick={() => go(r.identifier_id, 'block')} disabled={act.isPending}>{t('suspended.block')}</Button>
                </span>
              ) },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
};
