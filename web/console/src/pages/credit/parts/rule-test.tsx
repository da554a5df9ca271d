import { Button, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TouchRule } from '@/api/types';
import { useLabel } from '@/i18n';
import { ChannelName, useChannels } from '@/parts/channel';
import { Field, Panel } from '@/parts/page';
import { useTouchTest } from '../queries';

/** Paste a landing address and see where it lands. */
export const RuleTest = ({ rules }: { rules: TouchRule[] }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const channels = useChannels();
  const test = useTouchTest();
  const [url, setUrl] = useState('https://shop.example/p/rose-oil?utm_source=baidu&utm_medium=cpc&utm_campaign=1111');
  const [referrer, setReferrer] = useState('');
  return (
    <Panel title={t('rules.test')}>
      <form
        className="row wrap"
        style={{ alignItems: 'flex-end', gap: 12 }}
        onSubmit={(event) => {
          event.preventDefault();
          test.mutate({ body: { url, referrer } });
        }}
      >
        <div className="grow" style={{ flexBasis: 300 }}>
          <Field label={t('rules.url')} id="test-url"><Input id="test-url" value={url} onChange={(e) => setUrl(e.target.value)} /></Field>
        </div>
        <div style={{ flexBasis: 240, flexGrow: 1 }}>
          <Field label={t('rules.referrer')} id="test-referrer"><Input id="test-referrer" value={referrer} onChange={(e) => setReferrer(e.target.value)} /></Field>
        </div>
        <Button htmlType="submit" loading={test.isPending}>{t('rules.try')}</Button>
      </form>
      <div style={{ minHeight: 30, marginTop: 10 }} aria-live="polite">
        {test.data?.map((hit, i) => (
          <div key={i} className="row wrap" style={{ gap: 12 }}>
            <strong><ChannelName channel={hit.channel} channels={channels} /></strong>
            <span className="muted">{[hit.campaign, hit.touchpoint].filter(Boolean).join(' › ') || '—'}</span>
            <span className="chip">{label('touch_kind', hit.kind)}</span>
            <span className="muted small">{hit.rule_id ? t('rules.by_rule', { n: rules.findIndex((r) => r.id === hit.rule_id) + 1, id: hit.rule_id }) : t('rules.by_none')}</span>
          </div>
        ))}
      </div>
    </Panel>
  );
};
