// One condition of a rule, each kind with its own controls.
import { AutoComplete, Checkbox, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLabel } from '@/i18n';
import { BehaviourField, SequenceField } from './behaviour-field';
import { NamedTestField } from './events-field';
import { ALL_OPS, TEXT_OPS, type Condition } from './rule';
import { TestField } from './test-field';
import type { Option, Vocabulary } from './vocabulary';

type Props<C> = { value: C; change: (next: Condition) => void; vocabulary: Vocabulary };

const Word = ({ text }: { text: string }) => <span className="rule-word">{text}</span>;

const Pick = ({ value, options, change, label, free }: { value: string; options: Option[]; change: (next: string) => void; label: string; free?: boolean }) =>
  free ? (
    <AutoComplete className="rule-name" value={value} options={options} showSearch={{ filterOption: (text, o) => `${o?.value} ${String(o?.label)}`.toLowerCase().includes(text.toLowerCase()) }} onChange={change} aria-label={label} placeholder={label} popupMatchSelectWidth={false} />
  ) : (
    <Select className="rule-name" value={value || undefined} options={options} onChange={change} aria-label={label} placeholder={label} popupMatchSelectWidth={false} showSearch={{ optionFilterProp: 'label' }} />
  );

const ContactField = ({ value, change, vocabulary, any }: { value: { purpose: string; channel: string }; change: (next: { purpose: string; channel: string }) => void; vocabulary: Vocabulary; any?: boolean }) => {
  const { t } = useTranslation();
  return (
    <>
      <Pick value={value.channel} options={vocabulary.contact.filter((c) => any || c.value !== 'any')} change={(channel) => change({ ...value, channel })} label={t('rule.channel')} />
      <Word text={t('rule.for')} />
      <Pick value={value.purpose} options={vocabulary.purposes} change={(purpose) => change({ ...value, purpose })} label={t('rule.purpose')} free />
    </>
  );
};

export const ConditionField = ({ value, change, vocabulary }: Props<Condition>) => {
  const { t } = useTranslation();
  const label = useLabel();
  if ('did' in value) return <BehaviourField value={value.did} change={(did) => change({ did })} vocabulary={vocabulary} />;
  if ('sequence' in value) return <SequenceField value={value.sequence} change={(sequence) => change({ sequence })} vocabulary={vocabulary} />;
  const line = () => {
    if ('trait' in value) return <><Word text={t('rule.trait')} /><NamedTestField value={value.trait} change={(trait) => change({ trait })} names={vocabulary.traits} ops={ALL_OPS} label={t('rule.trait')} /></>;
    if ('computed' in value) return <><Word text={t('rule.computed')} /><NamedTestField value={value.computed} change={(computed) => change({ computed })} names={vocabulary.computed} ops={ALL_OPS} label={t('rule.computed')} /></>;
    if ('tag' in value) return <><Word text={t('rule.tag')} /><Pick value={value.tag} options={vocabulary.tags} change={(tag) => change({ tag })} label={t('rule.tag')} free /></>;
    if ('stage' in value) return <><Word text={t('rule.stage')} /><Select mode="multiple" className="rule-wide" value={value.stage} options={vocabulary.stages} onChange={(stage) => change({ stage })} aria-label={t('rule.stage')} /></>;
    if ('contactable' in value) return <><Word text={t('rule.contactable')} /><ContactField value={value.contactable} change={(contactable) => change({ contactable })} vocabulary={vocabulary} /></>;
    if ('consent' in value) {
      const { consent } = value;
      return (
        <>
          <Word text={t('rule.consent')} />
          <Select value={consent.state} options={(['granted', 'refused', 'unknown'] as const).map((s) => ({ value: s, label: label('rule_consent', s) }))} onChange={(state) => change({ consent: { ...consent, state } })} aria-label={t('rule.consent')} popupMatchSelectWidth={false} />
          <ContactField any value={consent} change={(next) => change({ consent: { ...consent, ...next } })} vocabulary={vocabulary} />
        </>
      );
    }
    if ('identifier' in value) {
      const { identifier } = value;
      return (
        <>
          <Word text={t('rule.identifier')} />
          <Pick free value={identifier.namespace} options={vocabulary.namespaces} change={(namespace) => change({ identifier: { ...identifier, namespace } })} label={t('rule.identifier')} />
          <Checkbox checked={identifier.verified ?? false} onChange={(e) => change({ identifier: e.target.checked ? { ...identifier, verified: true } : { namespace: identifier.namespace, ...(identifier.test ? { test: identifier.test } : {}) } })}>{t('rule.verified')}</Checkbox>
          {identifier.test ? (
            <TestField test={identifier.test} change={(test) => change({ identifier: { ...identifier, test } })} ops={TEXT_OPS} />
          ) : (
            <button type="button" className="cell-btn small" onClick={() => change({ identifier: { ...identifier, test: { starts_with: '' } } })}>{t('rule.test_value')}</button>
          )}
        </>
      );
    }
    if ('audience' in value) return <><Word text={t('rule.audience')} /><Pick value={value.audience} options={vocabulary.audiences} change={(audience) => change({ audience })} label={t('rule.audience')} /></>;
    return <><Word text={t('rule.list')} /><Pick free value={value.list} options={vocabulary.lists} change={(list) => change({ list })} label={t('rule.list')} /></>;
  };
  return <div className="rule-line">{line()}</div>;
};
