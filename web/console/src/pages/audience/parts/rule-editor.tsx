// The rule as a tree or as text; both say the same. Text is read by the server, which says where it does not understand.
import { Input, Segmented, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemNote } from '@/parts/problem';
import { RuleBuilder } from '@/parts/rule/builder';
import { asGroup, type Definition } from '@/parts/rule/rule';
import { useParse } from '../queries';

const ZONES = ['Asia/Shanghai', 'Asia/Hong_Kong', 'Asia/Tokyo', 'Asia/Singapore', 'Europe/London', 'Europe/Berlin', 'America/New_York', 'America/Los_Angeles', 'UTC'];

export const RuleEditor = ({ definition, change }: { definition: Definition; change: (next: Definition) => void }) => {
  const { t } = useTranslation();
  const [view, setView] = useState<'tree' | 'text'>('tree');
  const [text, setText] = useState('');
  const parse = useParse();
  const read = (next: string) => {
    setText(next);
    parse.mutate({ body: { text: next, zone: definition.zone } }, { onSuccess: (answer) => change({ zone: answer.definition.zone, rule: asGroup(answer.definition.rule as Definition['rule']) }) });
  };
  const show = (next: 'tree' | 'text') => {
    if (next === 'text') parse.mutate({ body: { definition } }, { onSuccess: (answer) => setText(answer.text) });
    setView(next);
  };
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
          <Input.TextArea className="rule-text" value={text} onChange={(e) => read(e.target.value)} autoSize={{ minRows: 6, maxRows: 24 }} aria-label={t('audience.as_text')} spellCheck={false} status={parse.error ? 'error' : undefined} />
          {parse.error ? <ProblemNote error={parse.error} /> : <p className="muted small">{t('audience.text_hint')}</p>}
        </>
      )}
    </div>
  );
};
