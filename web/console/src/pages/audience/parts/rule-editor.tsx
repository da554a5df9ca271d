// The rule as a tree or as text; both say the same. Text is read by the server, which says where it does not understand.
import { Alert, Input, Segmented, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DefinitionFault } from '@/api/types';
import { ProblemNote } from '@/parts/problem';
import { RuleBuilder } from '@/parts/rule/builder';
import { asGroup, type Definition } from '@/parts/rule/rule';
import { Original } from '@/parts/said';
import { useCheck } from '../queries';

const ZONES = ['Asia/Shanghai', 'Asia/Hong_Kong', 'Asia/Tokyo', 'Asia/Singapore', 'Europe/London', 'Europe/Berlin', 'America/New_York', 'America/Los_Angeles', 'UTC'];

const Faults = ({ faults }: { faults: DefinitionFault[] }) => {
  const { t } = useTranslation();
  return (
    <Alert
      type="error"
      title={t('audience.not_understood')}
      description={
        <ul>
          {faults.map((f, i) => (
            <li key={i} className="small">
              {f.line !== null && f.line !== undefined ? <span className="mono">{t('audience.at', { line: f.line, column: f.column ?? 1 })} </span> : f.path ? <span className="mono">{f.path} </span> : null}
              <Original text={f.suggestion ? `${f.detail} — ${f.suggestion}` : f.detail} />
            </li>
          ))}
        </ul>
      }
    />
  );
};

export const RuleEditor = ({ definition, change }: { definition: Definition; change: (next: Definition) => void }) => {
  const { t } = useTranslation();
  const [view, setView] = useState<'tree' | 'text'>('tree');
  const [text, setText] = useState('');
  const check = useCheck();
  const taken = (answer: unknown) => {
    const { zone, rule } = answer as Definition;
    change({ zone, rule: asGroup(rule) });
  };
  const read = (next: string) => {
    setText(next);
    check.mutate({ body: { text: next } }, { onSuccess: (answer) => answer.shown && taken(answer.shown.definition) });
  };
  const show = (next: 'tree' | 'text') => {
    if (next === 'text') check.mutate({ body: { definition: definition as unknown as Record<string, never> } }, { onSuccess: (answer) => answer.shown && setText(answer.shown.text) });
    setView(next);
  };
  const faults = check.data?.faults ?? [];
  return (
    <div className="stack" style={{ gap: 12 }}>
      <div className="row between wrap">
        <Segmented value={view} onChange={show} options={[{ value: 'tree', label: t('audience.as_tree') }, { value: 'text', label: t('audience.as_text') }]} />
        <span className="row">
          <span className="muted small">{t('audience.zone')}</span>
          <Select value={definition.zone} options={[...new Set([definition.zone, ...ZONES])].map((value) => ({ value, label: value }))} onChange={(zone) => change({ ...definition, zone })} aria-label={t('audience.zone')} showSearch popupMatchSelectWidth={false} style={{ minWidth: 160 }} />
        </span>
      </div>
      {view === 'tree' ? (
        <RuleBuilder rule={definition.rule} change={(rule) => change({ ...definition, rule })} />
      ) : (
        <>
          <Input.TextArea className="rule-text" value={text} onChange={(e) => read(e.target.value)} autoSize={{ minRows: 6, maxRows: 24 }} aria-label={t('audience.as_text')} spellCheck={false} status={faults.length > 0 ? 'error' : undefined} />
          {check.error ? <ProblemNote error={check.error} /> : faults.length > 0 ? <Faults faults={faults} /> : <p className="muted small">{t('audience.text_hint')}</p>}
        </>
      )}
    </div>
  );
};
