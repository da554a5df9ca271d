import { SearchOutlined } from '@ant-design/icons';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Button, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLabel } from '@/i18n';
import { useTyped } from '@/parts/bits';
import { KINDS, STAGES } from '@/parts/codes';
import { useTags } from '../queries';

type Filter = 'q' | 'stage' | 'tag' | 'kind' | 'has' | 'known' | 'sort';

export const Filters = () => {
  const { t } = useTranslation();
  const label = useLabel();
  const search = useSearch({ from: '/shell/people' });
  const navigate = useNavigate({ from: '/people' });
  const tags = useTags();
  const set = (key: Filter, value: string | undefined) => void navigate({ search: (old) => ({ ...old, [key]: value || undefined }), replace: true });
  const typed = useTyped(search.q ?? '', (q) => set('q', q.trim()));
  const codes = (family: string, list: readonly string[]) => list.map((value) => ({ value, label: label(family, value) }));
  const select = (key: Filter, name: string, options: { value: string; label: string }[], width = 132) => (
    <Select allowClear placeholder={name} aria-label={name} value={search[key]} options={options} onChange={(value?: string) => set(key, value)} style={{ width }} popupMatchSelectWidth={false} showSearch={options.length > 8} />
  );
  const used = Object.values(search).some(Boolean);
  return (
    <div className="row wrap" role="search">
      <Input prefix={<SearchOutlined />} allowClear placeholder={t('finder.placeholder')} aria-label={t('people.search')} value={typed.text} onChange={(event) => typed.change(event.target.value)} style={{ width: 320, maxWidth: '100%' }} />
      {select('stage', t('people.stage'), codes('stage', STAGES))}
      {select('tag', t('people.tag'), (tags.data ?? []).map((x) => ({ value: x.name, label: `${x.name} · ${x.count}` })))}
      {select('kind', t('people.seen_in'), codes('kind', KINDS))}
      {select('has', t('people.has'), codes('has', ['email', 'phone', 'order']))}
      {select('known', t('people.known'), [{ value: 'true', label: t('people.identified') }, { value: 'false', label: t('people.anonymous') }])}
      {select('sort', t('people.sort'), codes('sort', ['last_seen', 'created', 'revenue']))}
      {used && (
        <Button type="text" onClick={() => void navigate({ search: {}, replace: true })}>
          {t('action.clear')}
        </Button>
      )}
    </div>
  );
};
