import { PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Destination } from '@/api/types';
import { useSession } from '@/app/session';
import { PageHead } from '@/parts/page';
import { Empty, Loaded } from '@/parts/states';
import { DestinationCard } from './parts/destination-card';
import { DestinationEditor } from './parts/destination-editor';
import { useDestinations, useSyncs } from './queries';

export const DestinationsPage = () => {
  const { t } = useTranslation();
  const { can } = useSession();
  const destinations = useDestinations();
  const syncs = useSyncs();
  const [edit, setEdit] = useState<Destination | 'new' | null>(null);
  const add = can('write') && <Button type="primary" icon={<PlusOutlined />} onClick={() => setEdit('new')}>{t('destinations.add')}</Button>;
  return (
    <>
      <PageHead title={t('nav.destinations')} text={t('destinations.text')} actions={add} />
      <Loaded query={{ ...destinations, data: destinations.data?.items }} rows={8} empty={(list) => (list.length === 0 ? <section className="card"><Empty title={t('destinations.none')} text={t('destinations.none_text')} action={add} /></section> : null)}>
        {(list) => (
          <div className="stack">
            {list.map((d) => (
              <DestinationCard key={d.id} destination={d} syncs={(syncs.data?.items ?? []).filter((s) => s.destination_id === d.id)} edit={() => setEdit(d)} />
            ))}
          </div>
        )}
      </Loaded>
      {edit && <DestinationEditor destination={edit === 'new' ? null : edit} hide={() => setEdit(null)} />}
    </>
  );
};
