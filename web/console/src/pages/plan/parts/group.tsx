// One group of quarantined events: samples, a fix with before and after, replay, discard.
import { Alert, App, Button, Checkbox, Input, Tabs } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FixOp, QuarantineGroup } from '@/api/types';
import { useSession } from '@/app/session';
import { useLabel, useLanguage } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Ago, items, Json, More } from '@/parts/bits';
import { Field, Panel } from '@/parts/page';
import { Said, useSaid } from '@/parts/said';
import { Loaded } from '@/parts/states';
import { useDiscard, useItems, usePreview, useReplay } from '../queries';
import { Before, Ops, whole } from './fix';

const All = ({ group }: { group: QuarantineGroup }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const { language } = useLanguage();
  const said = useSaid();
  const list = useItems({ reason: group.reason, source_id: group.source_id, event_name: group.event_name });
  return (
    <>
      <Loaded query={{ ...list, data: items(list.data) }} rows={5}>
        {(rows) => (
          <ul className="rows">
            {rows.map((item) => (
              <li key={item.id}>
                <details style={{ padding: '7px 0' }}>
                  <summary style={{ cursor: 'pointer' }}>
                    <span className="small">{said(item.wording) ?? (language === 'en' ? item.detail : label('reason', item.reason))}</span> <span className="muted small"><Ago at={item.received_at} /></span>
                  </summary>
                  <div style={{ marginTop: 8 }}><Json value={item.raw} label={t('quarantine.raw')} /></div>
                </details>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      <More query={list} />
    </>
  );
};

export const Group = ({ group }: { group: QuarantineGroup }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const { modal } = App.useApp();
  const { can } = useSession();
  const [ops, setOps] = useState<FixOp[]>([]);
  const [save, setSave] = useState(false);
  const [name, setName] = useState('');
  const preview = usePreview();
  const replay = useReplay();
  const discard = useDiscard();
  const filter = { reason: group.reason, source_id: group.source_id, event_name: group.event_name };
  const done = ops.filter(whole);
  const change = (next: FixOp[]) => {
    setOps(next);
    preview.reset();
  };
  const go = () => replay.mutate({ filter, save_fix: save, ...(done.length > 0 ? { fix: { name: name.trim() || label('reason', group.reason), ops: done } } : {}) });
  const drop = () =>
    modal.confirm({
      title: t('quarantine.discard_title', { n: format.number(group.count) }),
      content: t('quarantine.discard_text'),
      okText: t('quarantine.discard'),
      okButtonProps: { danger: true },
      onOk: () => discard.mutateAsync({ body: { filter, reason: t('quarantine.discarded_here') } }),
    });
  return (
    <Panel title={`${label('reason', group.reason)} · ${group.event_name || '—'}`}>
      <div className="stack">
        <dl className="kv">
          <dt>{t('line.source')}</dt>
          <dd>{group.source_name}</dd>
          <dt>{t('quarantine.why')}</dt>
          <dd><Said text={group.sample_detail} wording={group.samples[0]?.wording} /></dd>
          <dt>{t('quarantine.since')}</dt>
          <dd>{format.dateTime(group.first_at)} – {format.dateTime(group.last_at)}</dd>
        </dl>
        <Tabs
          size="small"
          items={[
            ...group.samples.map((item, i) => ({ key: item.id, label: t('quarantine.sample', { n: i + 1 }), children: <Json value={item.raw} label={t('quarantine.raw')} /> })),
            { key: 'all', label: t('quarantine.all', { n: format.number(group.count) }), children: <All group={group} /> },
          ]}
        />
        {can('write') && (
          <>
            <section>
              <h3 style={{ fontSize: 14, marginBottom: 8 }}>{t('fix.title')}</h3>
              <Ops ops={ops} change={change} sample={group.samples[0]?.raw} />
            </section>
            {preview.data && <Before list={preview.data} />}
            {done.length > 0 && (
              <div className="row wrap">
                <Checkbox checked={save} onChange={(e) => setSave(e.target.checked)}>{t('fix.save')}</Checkbox>
                {save && <div className="grow" style={{ maxWidth: 320 }}><Field label={t('conversion.name')} id="fix-name"><Input id="fix-name" value={name} onChange={(e) => setName(e.target.value)} /></Field></div>}
              </div>
            )}
            <div className="row wrap">
              <Button onClick={() => preview.mutate({ body: { filter, fix: { ops: done }, limit: 3 } })} loading={preview.isPending}>{t('fix.preview')}</Button>
              <Button type="primary" onClick={go} loading={replay.isPending}>{t('quarantine.replay', { n: format.number(group.count) })}</Button>
              <Button className="push" danger onClick={drop} loading={discard.isPending}>{t('quarantine.discard')}</Button>
            </div>
            <div aria-live="polite">
              {replay.data && (
                <Alert type={replay.data.quarantined ? 'warning' : 'success'} showIcon title={t('quarantine.replayed', { accepted: format.number(replay.data.accepted + replay.data.corrected), duplicate: format.number(replay.data.duplicate), quarantined: format.number(replay.data.quarantined) })} />
              )}
            </div>
          </>
        )}
      </div>
    </Panel>
  );
};
