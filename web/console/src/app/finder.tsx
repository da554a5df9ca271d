// Search over everything (Ctrl-K): people by any identifier or name, and the places of the console.
import { SearchOutlined, UserOutlined } from '@ant-design/icons';
import { keepPreviousData } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { Input, Modal } from 'antd';
import { useDeferredValue, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { useFormat } from '@/i18n/format';
import { IdentifierTag } from '@/parts/identifier';
import { ICONS } from './icons';
import { PLACES } from './nav';

type Hit = { key: string; href: string; icon: React.ReactNode; title: string; side: React.ReactNode };

const useHits = (q: string): { hits: Hit[]; searching: boolean } => {
  const { t } = useTranslation();
  const format = useFormat();
  const people = $api.useQuery('get', '/api/people', { params: { query: { q, limit: 8 } } }, { enabled: q.length > 0, placeholderData: keepPreviousData });
  const places = PLACES.filter((p) => !q || t(p.text).toLowerCase().includes(q.toLowerCase())).map((p): Hit => {
    const Icon = ICONS[p.icon];
    return { key: p.to, href: p.to, icon: <Icon />, title: t(p.text), side: null };
  });
  if (!q) return { hits: places, searching: false };
  const found = (people.data?.items ?? []).map((p): Hit => {
    const first = p.identifiers[0];
    return {
      key: p.id,
      href: `/people/${p.id}`,
      icon: <UserOutlined />,
      title: p.display_name || t('person.unnamed'),
      side: first ? <IdentifierTag namespace={first.namespace} value={first.value} /> : format.ago(p.last_seen_at),
    };
  });
  return { hits: [...found, ...places], searching: people.isFetching };
};

const Finder = ({ hide }: { hide: () => void }) => {
  const { t } = useTranslation();
  const router = useRouter();
  const [text, setText] = useState('');
  const q = useDeferredValue(text.trim());
  const { hits, searching } = useHits(q);
  const [at, setAt] = useState(0);
  const chosen = Math.min(at, Math.max(hits.length - 1, 0));
  const open = (hit: Hit | undefined) => {
    if (!hit) return;
    hide();
    router.history.push(hit.href);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(chosen + 1, hits.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(chosen - 1, 0));
    else if (event.key === 'Enter') open(hits[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <Modal open onCancel={hide} footer={null} closable={false} width={600} style={{ top: 72 }} styles={{ container: { padding: 0, overflow: 'hidden' } }} title={t('finder.title')} classNames={{ header: 'sr' }}>
      <Input
        autoFocus
        size="large"
        variant="borderless"
        prefix={<SearchOutlined />}
        placeholder={t('finder.placeholder')}
        aria-label={t('finder.placeholder')}
        role="combobox"
        aria-expanded
        aria-controls="finder-hits"
        aria-activedescendant={hits[chosen] ? `finder-${chosen}` : undefined}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
        style={{ padding: '12px 16px' }}
      />
      <div id="finder-hits" role="listbox" aria-label={t('finder.title')} aria-busy={searching} style={{ borderTop: '1px solid var(--border)', maxHeight: '56vh', overflowY: 'auto', padding: '6px 0' }}>
        {hits.map((hit, i) => (
          <div key={hit.key} id={`finder-${i}`} role="option" tabIndex={-1} aria-selected={i === chosen} className="list-btn" aria-current={i === chosen ? 'true' : undefined} onMouseMove={() => setAt(i)} onClick={() => open(hit)} onKeyDown={onKeyDown}>
            {hit.icon}
            <span className="ellipsis">{hit.title}</span>
            <span className="push muted small ellipsis">{hit.side}</span>
          </div>
        ))}
        {hits.length === 0 && <p className="muted small" style={{ padding: '14px 16px' }}>{searching ? t('state.loading') : t('finder.none', { q })}</p>}
      </div>
    </Modal>
  );
};

export default Finder;
