// The line itself: everything this person did, across all channels, newest first, grouped by day.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Person, TimelineItem } from '@/api/types';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { items, Json, More, plain } from '@/parts/bits';
import { kindColor, KindIcon, useChannels } from '@/parts/channel';
import { eventAbout, useEventName } from '@/parts/event';
import { IdentifierTag } from '@/parts/identifier';
import { Panel } from '@/parts/page';
import { Empty, Loaded } from '@/parts/states';
import { useLine } from '../queries';

const Raw = ({ item }: { item: TimelineItem }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const label = useLabel();
  const channels = useChannels();
  const touch = item.touch && [channels.name(item.touch.channel), item.touch.campaign, item.touch.touchpoint].filter(Boolean).join(' › ');
  const raw = Object.fromEntries(Object.entries({ properties: item.properties, traits: item.traits, context: item.context }).filter(([, v]) => v && Object.keys(v).length > 0));
  return (
    <div className="raw">
      <dl className="kv">
        <dt>{t('line.source')}</dt>
        <dd>{item.source_name} · {label('kind', item.source_kind)}</dd>
        <dt>{t('line.by')}</dt>
        <dd><IdentifierTag {...item.line} /></dd>
        <dt>{t('line.received')}</dt>
        <dd>{format.dateTime(item.received_at)}{item.replayed ? ` · ${t('line.replayed')}` : ''}</dd>
        {touch && (
          <>
            <dt>{t('line.touch')}</dt>
            <dd>{touch}</dd>
          </>
        )}
        {item.corrections.map((c) => (
          <div key={c.field} style={{ display: 'contents' }}>
            <dt>{t('line.corrected')}</dt>
            <dd>
              <span className="mono">{c.field}</span> {plain(c.raw)} <span className="muted">({label('correction', c.rule)})</span>
            </dd>
          </div>
        ))}
        <dt>{t('line.id')}</dt>
        <dd className="mono">{item.id}</dd>
      </dl>
      <Json value={raw} label={t('line.raw')} />
    </div>
  );
};

const Moment = ({ item }: { item: TimelineItem }) => {
  const format = useFormat();
  const name = useEventName();
  const channels = useChannels();
  const [open, setOpen] = useState(false);
  const color = kindColor(item.source_kind);
  const about = eventAbout(item.properties) || eventAbout(item.traits);
  return (
    <li className={`moment ${(item.value_minor ?? 0) > 0 ? 'money' : ''}`}>
      <button type="button" onClick={() => setOpen(!open)} aria-expanded={open}>
        <span className="bead" style={{ borderColor: color, color }}>
          <KindIcon kind={item.source_kind} />
        </span>
        <span className="grow">
          <span className="what">
            <strong>{name(item.kind, item.name)}</strong>
            {about && <span className="ellipsis">{about}</span>}
          </span>
          <span className="meta">
            <span>{item.source_name}</span>
            {item.touch && (
              <span className="row" style={{ gap: 5 }}>
                <i className="swatch" style={{ background: channels.color(item.touch.channel) }} />
                {channels.name(item.touch.channel)}
                {item.touch.campaign && ` › ${item.touch.campaign}`}
              </span>
            )}
          </span>
        </span>
        <span className="side">
          {item.value_minor !== null && item.currency && <b className={item.value_minor < 0 ? 'down' : ''}>{format.moneyExact(item.value_minor, item.currency)}</b>}
          <time dateTime={item.event_at}>{format.time(item.event_at)}</time>
        </span>
      </button>
      {open && <Raw item={item} />}
    </li>
  );
};

const byDay = (list: TimelineItem[]): [string, TimelineItem[]][] => {
  const days = new Map<string, TimelineItem[]>();
  for (const item of list) {
    const day = new Date(item.event_at).toDateString();
    days.set(day, [...(days.get(day) ?? []), item]);
  }
  return [...days];
};

const EVENT_KINDS = ['track', 'page', 'screen', 'identify', 'group', 'alias'];

export const Line = ({ person }: { person: Person }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const channels = useChannels();
  const search = useSearch({ from: '/shell/people/$id' });
  const navigate = useNavigate({ from: '/people/$id' });
  const line = useLine(person.id, search);
  const set = (key: 'kind' | 'channel', value?: string) => void navigate({ search: (old) => ({ ...old, [key]: value }), replace: true });
  const filtered = Object.values(search).some(Boolean);
  return (
    <Panel
      flush
      className="line"
      title={t('line.title')}
      tools={
        <>
          <Select size="small" allowClear placeholder={t('line.channel')} aria-label={t('line.channel')} value={search.channel} onChange={(v?: string) => set('channel', v)} options={channels.options} style={{ width: 128 }} popupMatchSelectWidth={false} />
          <Select size="small" allowClear placeholder={t('line.kind')} aria-label={t('line.kind')} value={search.kind} onChange={(v?: string) => set('kind', v)} options={EVENT_KINDS.map((value) => ({ value, label: label('event_kind', value) }))} style={{ width: 112 }} popupMatchSelectWidth={false} />
        </>
      }
    >
      <div style={{ minHeight: 480 }}>
        <Loaded query={{ ...line, data: items(line.data) }} rows={12} empty={(rows) => (rows.length === 0 ? <Empty title={filtered ? t('line.none_found') : t('line.none')} /> : null)}>
          {(rows) => (
            <div className="timeline">
              {byDay(rows).map(([day, list]) => (
                <section key={day}>
                  <h3 className="day">
                    {format.weekday(list[0]?.event_at)} <span className="muted">{t('overview.events', { count: list.length, n: format.number(list.length) })}</span>
                  </h3>
                  <ol>
                    {list.map((item) => (
                      <Moment key={item.id} item={item} />
                    ))}
                  </ol>
                </section>
              ))}
            </div>
          )}
        </Loaded>
        <More query={line} />
      </div>
    </Panel>
  );
};
