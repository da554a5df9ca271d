// Makes an audience or its next version.
import { useNavigate } from '@tanstack/react-router';
import { Alert, App, Button, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AudienceDetail } from '@/api/types';
import { useSession } from '@/app/session';
import { keyFrom } from '@/parts/key';
import { Field, Panel } from '@/parts/page';
import { ProblemNote } from '@/parts/problem';
import { asGroup, blank, group, whole, type Definition } from '@/parts/rule/rule';
import { useAudiences } from '@/pages/audiences/queries';
import { useAudienceCreate, useAudienceUpdate } from '../queries';
import { EstimatePanel } from './estimate';
import { RuleEditor } from './rule-editor';

const fresh = (): Definition => ({ zone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'Asia/Shanghai', rule: group('all', [blank('did')]) });

export const Editor = ({ audience }: { audience: AudienceDetail | null }) => {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { can } = useSession();
  const navigate = useNavigate();
  const create = useAudienceCreate();
  const update = useAudienceUpdate();
  const audiences = useAudiences();
  const newest = audience?.next ?? audience?.live ?? null;
  const saved = newest ? (newest.definition as unknown as Definition) : null;
  const [definition, setDefinition] = useState<Definition>(() => (saved ? { zone: saved.zone, rule: asGroup(saved.rule) } : fresh()));
  const [name, setName] = useState(audience?.name ?? '');
  const [key, setKey] = useState('');
  const [description, setDescription] = useState(audience?.description ?? '');
  const id = audience ? audience.key : key || keyFrom(name);
  const ready = whole(definition.rule) && name.trim() !== '' && id !== '';
  const changed = !saved || JSON.stringify(asGroup(saved.rule)) !== JSON.stringify(definition.rule) || saved.zone !== definition.zone;
  const names = new Map((audiences.data ?? []).map((a) => [a.key, a.name]));
  const save = async () => {
    if (audience) {
      await update.mutateAsync({ params: { path: { key: audience.key } }, body: { name, description, ...(changed ? { definition: definition as unknown as Record<string, never> } : {}) } });
      void message.success(changed ? t('audience.version_made') : t('action.saved'));
      if (changed) void navigate({ to: '/audiences/$key', params: { key: audience.key }, search: { tab: 'versions' } });
    } else {
      await create.mutateAsync({ body: { key: id, name, description, definition: definition as unknown as Record<string, never> } });
      void message.success(t('audience.made'));
      void navigate({ to: '/audiences/$key', params: { key: id }, search: { tab: 'members' } });
    }
  };
  const error = create.error ?? update.error;
  return (
    <div className="audience-grid">
      <div className="stack">
        <Panel title={t('audience.about')}>
          <div className="grid cols-2">
            <Field label={t('audience.name')} id="audience-name"><Input id="audience-name" value={name} onChange={(e) => setName(e.target.value)} disabled={!can('write')} /></Field>
            <Field label={t('audience.key')} id="audience-key" hint={audience ? undefined : t('audience.key_hint')}><Input id="audience-key" className="mono" value={id} onChange={(e) => setKey(keyFrom(e.target.value))} disabled={audience !== null} /></Field>
          </div>
          <div style={{ marginTop: 12 }}>
            <Field label={t('audience.description')} id="audience-description"><Input id="audience-description" value={description} onChange={(e) => setDescription(e.target.value)} disabled={!can('write')} /></Field>
          </div>
        </Panel>
        <Panel title={t('audience.who')}>
          <RuleEditor definition={definition} change={setDefinition} />
        </Panel>
        {error ? <ProblemNote error={error} /> : null}
        {audience && changed && audience.live && <Alert type="info" showIcon title={t('audience.edit_text')} />}
        {can('write') && (
          <div className="row">
            <Button type="primary" disabled={!ready} loading={create.isPending || update.isPending} onClick={() => void save().catch(() => undefined)}>{audience ? t('audience.save_version') : t('audience.create')}</Button>
            {!ready && <span className="muted small">{t('audience.not_ready')}</span>}
          </div>
        )}
      </div>
      <EstimatePanel definition={whole(definition.rule) ? definition : null} names={names} />
    </div>
  );
};
