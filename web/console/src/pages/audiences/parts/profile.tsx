// What people in an audience are like, beside everybody else: shares that stand out are marked.
import { useTranslation } from 'react-i18next';
import type { Profile } from '@/api/types';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';

const FAMILIES = [
  'gender',
  'age',
  'stage',
  'channel',
  'category',
  'city',
] as const;
const SHOWN = 5;

const index = (own: number, all: number): number | null => (all > 0 ? own / all : null);

const Spread = ({ title, own, all, name }: { title: string; own: Profile['gender']; all: Profile['gender']; name: (value: string) => string }) => {
  const { t } = useTranslation();
  const format = useFormat();
  if (own.top.length === 0) return null;
  return (
    <section>
      <h3 className="small muted" style={{ fontWeight: 500 }}>{title}</h3>
      <ul className="profile-rows">
        {own.top.slice(0, SHOWN).map((row) => {
          const of = all.top.find((x) => x.value === row.value)?.share ?? 0;
          const times = index(row.share, of);
          const stands = times !== null && (times >= 1.25 || times <= 0.8);
          return (
            <li key={row.value} title={t('profile.beside', { own: format.percent(row.share), all: format.percent(of) })}>
              <span className="ellipsis">{name(row.value)}</span>
              <span className="profile-bar"><i style={{ width: `${row.share * 100}%` }} /><b style={{ insetInlineStart: `${Math.min(of, 1) * 100}%` }} /></span>
              <span className="num">{format.percent(row.share)}</span>
              <span className={`num small ${stands ? (times > 1 ? 'up' : 'down') : 'muted'}`}>{times === null ? '' : `×${times.toFixed(1)}`}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
};

export const ProfileView = ({ own, all }: { own: Profile; all: Profile }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const named = (key: (typeof FAMILIES)[number]) => (value: string) => (key === 'gender' ? label('gender', value) : key === 'stage' ? label('stage', value) : key === 'channel' ? label('kind', value) : value);
  const worth = [
    { name: t('profile.buyers'), own: format.percent(own.value.buyers), all: format.percent(all.value.buyers) },
    { name: t('profile.orders'), own: format.decimal(own.value.orders), all: format.decimal(all.value.orders) },
    { name: t('profile.revenue'), own: format.money(own.value.revenue_minor, own.value.currency), all: format.money(all.value.revenue_minor, all.value.currency) },
    { name: t('profile.order'), own: own.value.order_minor === null ? '—' : format.money(own.value.order_minor, own.value.currency), all: all.value.order_minor === null ? '—' : format.money(all.value.order_minor, all.value.currency) },
  ];
  return (
    <div className="stack">
      <dl className="grid cols-4">
        {worth.map((w) => (
          <div key={w.name}>
            <dt className="muted small">{w.name}</dt>
            <dd className="num" style={{ fontSize: 18, fontWeight: 600 }}>{w.own}</dd>
            <dd className="muted small">{t('profile.everybody', { value: w.all })}</dd>
          </div>
        ))}
      </dl>
      <div className="profile-grid">
        {FAMILIES.map((key) => (
          <Spread key={key} title={t(`profile.${key}`)} own={own[key]} all={all[key]} name={named(key)} />
        ))}
      </div>
      <p className="muted small">{t('profile.legend')}{own.looked_at < own.people ? ` ${t('profile.sampled', { n: format.number(own.looked_at) })}` : ''}</p>
    </div>
  );
};
