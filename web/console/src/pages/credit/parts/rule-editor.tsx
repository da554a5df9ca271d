import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { AutoComplete, Button, Checkbox, Drawer, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TouchRule } from '@/api/types';
import { useLabel } from '@/i18n';
import { useChannels } from '@/parts/channel';
import { Field } from '@/parts/page';

type Condition = TouchRule['when'][number];
const FIELDS: Condition['field'][] = ['source_kind', 'event', 'referrer_host', 'utm_source', 'utm_medium', 'utm_campaign', 'utm_content', 'utm_term', 'click_id', 'channel', 'campaign', 'touchpoint'];
const OPS: Condition['op'][] = ['equals', 'not_equals', 'contains', 'prefix', 'present', 'absent'];
const bare = (op: Condition['op']) => op === 'present' || op === 'absent';

export const RuleEditor = ({ rule, keep, hide }: { rule: TouchRule; keep: (rule: TouchRule) => void; hide: () => void }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const channels = useChannels();
  const [draft, setDraft] = useState(rule);
  const then = (change: Partial<TouchRule['then']>) => setDraft({ ...draft, then: { ...draft.then, ...change } });
  const when = (at: number, change: Partial<Condition>) => setDraft({ ...draft, when: draft.when.map((c, i) => (i === at ? { ...c, ...change } : c)) });
  const ready = (draft.then.ignore || draft.then.channel) && draft.when.every((c) => bare(c.op) || (c.values ?? []).length > 0);
  const clean = (): TouchRule => ({ ...draft, when: draft.when.map((c) => (bare(c.op) ? { field: c.field, op: c.op } : c)), then: draft.then.ignore ? { ignore: true } : draft.then });
  return (
    <Drawer
      open
      onClose={hide}
      size={660}
      title={t('rules.editor')}
      footer={
        <div className="row">
          <span className="push" />
          <Button onClick={hide}>{t('action.cancel')}</Button>
          <Button type="primary" disabled={!ready} onClick={() => keep(clean())}>{t('action.apply')}</Button>
        </div>
      }
    >
      <div className="stack">
        <section>
          <p className="muted small" style={{ marginBottom: 8 }}>{t('rules.when')}</p>
          {draft.when.map((c, i) => (
            <div key={i} className="cond-edit">
              <Select value={c.field} options={FIELDS.map((f) => ({ value: f, label: label('touch_field', f) }))} onChange={(field) => when(i, { field })} aria-label={t('rules.field')} popupMatchSelectWidth={false} />
              <Select value={c.op} options={OPS.map((o) => ({ value: o, label: label('touch_op', o) }))} onChange={(op) => when(i, { op })} aria-label={t('rules.op')} popupMatchSelectWidth={false} />
              <Select mode="tags" open={false} suffixIcon={null} value={c.values ?? []} disabled={bare(c.op)} onChange={(values: string[]) => when(i, { values })} aria-label={t('rules.values')} placeholder={t('rules.values')} tokenSeparators={[',', '\uff0c']} />
              <Button type="text" icon={<DeleteOutlined />} onClick={() => setDraft({ ...draft, when: draft.when.filter((_, k) => k !== i) })} aria-label={t('action.remove')} />
            </div>
          ))}
          <Button size="small" icon={<PlusOutlined />} onClick={() => setDraft({ ...draft, when: [...draft.when, { field: 'utm_source', op: 'equals', values: [] }] })}>{t('rules.add_condition')}</Button>
        </section>
        <Checkbox checked={draft.then.ignore ?? false} onChange={(e) => then({ ignore: e.target.checked })}>{t('rules.ignore_text')}</Checkbox>
        {!draft.then.ignore && (
          <>
            <Field label={t('credit.channel')} id="rule-channel">
              <AutoComplete id="rule-channel" value={draft.then.channel ?? ''} options={channels.options} onChange={(channel: string) => then({ channel })} />
            </Field>
            <Field label={t('credit.campaign')} id="rule-campaign" hint={t('rules.template')}>
              <Input id="rule-campaign" className="mono" value={draft.then.campaign ?? ''} onChange={(e) => then({ campaign: e.target.value })} />
            </Field>
            <Field label={t('credit.touchpoint')} id="rule-touchpoint">
              <Input id="rule-touchpoint" className="mono" value={draft.then.touchpoint ?? ''} onChange={(e) => then({ touchpoint: e.target.value })} />
            </Field>
          </>
        )}
        <Field label={t('rules.note')} id="rule-note">
          <Input id="rule-note" value={draft.note ?? ''} onChange={(e) => setDraft({ ...draft, note: e.target.value })} />
        </Field>
      </div>
    </Drawer>
  );
};
