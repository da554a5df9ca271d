import { useSearch } from '@tanstack/react-router';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { useFormat } from '@/i18n/format';
import { items, More } from '@/parts/bits';
import { RevealSwitch } from '@/parts/identifier';
import { PageHead } from '@/parts/page';
import { PeopleTable } from '@/parts/people-table';
import { Empty, Loaded } from '@/parts/states';
import { Filters } from './parts/filters';
import { usePeople } from './queries';

export const PeoplePage = () => {
  const { t } = useTranslation();
  const format = useFormat();
  const search = useSearch({ from: '/shell/people' });
  const status = $api.useQuery('get', '/api/status');
  const people = usePeople({
    q: search.q,
    stage: search.stage,
    tag: search.tag,
    source_kind: search.kind,
    has: search.has,
    identified: search.known === undefined ? undefined : search.known === 'true',
    sort: search.sort,
  });
  const filtered = Object.values(search).some(Boolean);
  const none = filtered ? (
    <Empty title={t('people.none_found')} text={t('people.none_found_text')} />
  ) : (
    <Empty title={t('people.none')} text={t('people.none_text')} action={<Button href="/sources">{t('people.to_sources')}</Button>} />
  );
  return (
    <>
      <PageHead
        title={t('nav.people')}
        text={status.data ? t('people.text', { people: format.number(status.data.people), anonymous: format.number(status.data.anonymous_people) }) : '\u00a0'}
        actions={<RevealSwitch />}
      />
      <div className="stack" style={{ gap: 12 }}>
        <Filters />
        <section className="card" style={{ overflow: 'hidden' }}>
          <Loaded query={{ ...people, data: items(people.data) }} rows={12} empty={(rows) => (rows.length === 0 ? none : null)}>
            {(rows) => <PeopleTable rows={rows} busy={people.isPlaceholderData} />}
          </Loaded>
          <More query={people} />
        </section>
      </div>
    </>
  );
};
