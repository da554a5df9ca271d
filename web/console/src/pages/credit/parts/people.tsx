import { Drawer } from 'antd';
import { useTranslation } from 'react-i18next';
import { items, More } from '@/parts/bits';
import { PeopleTable } from '@/parts/people-table';
import { Empty, Loaded } from '@/parts/states';
import { useCreditPeople, type CreditQuery } from '../queries';

/** The people behind a number of the report. */
export const PeopleBehind = ({ query, row, hide }: { query: CreditQuery; row: { key: string; label: string }; hide: () => void }) => {
  const { t } = useTranslation();
  const people = useCreditPeople({ ...query, key: row.key });
  return (
    <Drawer open onClose={hide} size={1000} title={t('credit.people_behind', { what: row.label })} styles={{ body: { padding: 0 } }}>
      <Loaded query={{ ...people, data: items(people.data) }} rows={10} empty={(rows) => (rows.length === 0 ? <Empty title={t('people.none_found')} /> : null)}>
        {(rows) => <PeopleTable rows={rows} />}
      </Loaded>
      <More query={people} />
    </Drawer>
  );
};
