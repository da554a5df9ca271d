import { CheckOutlined, CloseOutlined, LeftOutlined } from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { Popover } from 'antd';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { ContactLight, Person } from '@/api/types';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { CopyButton } from '@/parts/bits';
import { useChannels } from '@/parts/channel';
import { RevealSwitch } from '@/parts/identifier';
import { Face } from '@/parts/people-table';
import { StagePicker, Tags } from './stage-tags';

/** May we contact this person for this purpose on this channel; the reason on click. */
const Light = ({ light, person }: { light: ContactLight; person: Person }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const record = person.consents.find((c) => c.id === light.record_id);
  const why = (
    <dl className="kv" style={{ maxWidth: 320 }}>
      <dt>{t('person.purpose')}</dt>
      <dd>{label('purpose', light.purpose)}</dd>
      <dt>{t('person.reason')}</dt>
      <dd>{label('may', light.reason)}</dd>
      {record && (
        <>
          <dt>{t('person.given')}</dt>
          <dd>{format.dateTime(record.given_at)} · {record.source_name}</dd>
          <dt>{t('person.notice')}</dt>
          <dd>{record.notice_version}</dd>
        </>
      )}
    </dl>
  );
  const name = `${label('purpose', light.purpose)} · ${label('channel', light.channel)}: ${light.allowed ? t('person.may') : t('person.may_not')}`;
  return (
    <Popover content={why} trigger="click">
      <button type="button" className={`light ${light.allowed ? 'yes' : 'no'}`} aria-label={name} title={name}>
        {light.allowed ? <CheckOutlined /> : <CloseOutlined />}
        {label('channel', light.channel)}
      </button>
    </Popover>
  );
};

const Lights = ({ person }: { person: Person }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const purposes = [...new Set(person.contact.map((c) => c.purpose))];
  if (purposes.length === 0) return null;
  return (
    <div className="lights" role="group" aria-label={t('person.contact')}>
      {purposes.map((purpose) => (
        <span key={purpose} className="row" style={{ gap: 6 }}>
          <span className="muted small">{label('purpose', purpose)}</span>
          {person.contact.filter((c) => c.purpose === purpose).map((light) => (
            <Light key={light.channel} light={light} person={person} />
          ))}
        </span>
      ))}
    </div>
  );
};

const Figures = ({ person }: { person: Person }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const channels = useChannels();
  const { totals } = person;
  const touch = (ref: Person['totals']['first_touch']) => (ref ? channels.name(ref.channel) : '—');
  const rows = [
    { name: t('person.value'), value: [format.money(totals.revenue_minor, totals.currency), ...totals.other_revenue.map((r) => format.money(r.revenue_minor, r.currency))].join(' + ') },
    { name: t('people.orders_title'), value: format.number(totals.orders) },
    { name: t('person.events'), value: format.number(totals.events) },
    { name: t('person.first_touch'), value: touch(totals.first_touch), side: format.date(totals.first_touch?.at) },
    { name: t('person.last_touch'), value: touch(totals.last_touch), side: format.ago(totals.last_touch?.at) },
  ];
  return (
    <dl className="figures">
      {rows.map((row) => (
        <div key={row.name}>
          <dt>{row.name}</dt>
          <dd>
            {row.value} {row.side && <span className="muted small">{row.side}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
};

export const PersonHeader = ({ person }: { person: Person }) => {
  const { t } = useTranslation();
  const name = person.display_name || t('person.unnamed');
  useEffect(() => {
    document.title = `${name} · ${t('app.name')}`;
  }, [name, t]);
  return (
    <header className="card person-head">
      <div className="row wrap" style={{ gap: 14, alignItems: 'flex-start' }}>
        <Link to="/people" className="tl-iconbtn" aria-label={t('person.back')} style={{ color: 'var(--muted)' }}>
          <LeftOutlined />
        </Link>
        <Face row={person} />
        <div className="grow" style={{ flexBasis: 220 }}>
          <h1>{name}</h1>
          <div className="row wrap" style={{ gap: 6 }}>
            <StagePicker person={person} />
            <Tags person={person} />
          </div>
        </div>
        <div className="row wrap">
          <span className="mono muted small row" style={{ gap: 2 }}>
            {person.id}
            <CopyButton text={person.id} />
          </span>
          <RevealSwitch />
        </div>
      </div>
      <Figures person={person} />
      <Lights person={person} />
    </header>
  );
};
