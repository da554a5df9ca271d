// The tree of a rule: groups of conditions and groups. Everything can be done by keyboard; nothing is dragged.
import { CopyOutlined, DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Dropdown, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLabel } from '@/i18n';
import { ConditionField } from './condition';
import { blank, children, CONDITIONS, group, groupKind, GROUPS, kindOf, type Condition, type ConditionKind, type GroupKind, type Rule } from './rule';
import { useVocabulary, type Vocabulary } from './vocabulary';
import './rule.css';

const MAX_DEPTH = 6;

type Edit = { change: (next: Rule) => void; vocabulary: Vocabulary };

const Add = ({ add, deeper }: { add: (rule: Rule) => void; deeper: boolean }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const items = [
    ...CONDITIONS.map((key) => ({ key: key as string, label: label('rule_kind', key) })),
    ...(deeper ? [{ type: 'divider' as const }, ...GROUPS.map((key) => ({ key: key as string, label: label('rule_group', key) }))] : []),
  ];
  return (
    <Dropdown trigger={['click']} menu={{ items, onClick: ({ key }) => add(GROUPS.some((g) => g === key) ? group(key as GroupKind, [blank('did')]) : blank(key as ConditionKind)) }}>
      <Button size="small" icon={<PlusOutlined />}>{t('rule.add')}</Button>
    </Dropdown>
  );
};

const Part = ({ rule, depth, change, remove, copy, n, vocabulary }: Edit & { rule: Rule; depth: number; remove: () => void; copy: () => void; n: number }) => {
  const { t } = useTranslation();
  return (
    <li className="rule-part" aria-label={t('rule.part', { n })}>
      {groupKind(rule) ? <GroupField rule={rule} depth={depth + 1} change={change} vocabulary={vocabulary} /> : <ConditionField value={rule as Condition} change={change} vocabulary={vocabulary} />}
      <span className="rule-tools">
        <Button type="text" size="small" icon={<CopyOutlined />} onClick={copy} aria-label={t('rule.copy_part', { n })} />
        <Button type="text" size="small" icon={<DeleteOutlined />} onClick={remove} aria-label={t('rule.remove_part', { n })} />
      </span>
    </li>
  );
};

const GroupField = ({ rule, depth, change, vocabulary }: Edit & { rule: Rule; depth: number }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const kind = groupKind(rule) ?? 'all';
  const parts = children(rule);
  const put = (next: Rule[]) => change(group(kind, next));
  return (
    <div className={`rule-group ${kind}`} role="group" aria-label={label('rule_group', kind)}>
      <Select value={kind} options={GROUPS.map((g) => ({ value: g, label: label('rule_group', g) }))} onChange={(next: GroupKind) => change(group(next, parts))} aria-label={t('rule.group')} popupMatchSelectWidth={false} size="small" />
      {parts.length > 0 && (
        <ol className="rule-list">
          {parts.map((part, i) => (
            <Part
              key={i}
              n={i + 1}
              rule={part}
              depth={depth}
              vocabulary={vocabulary}
              change={(next) => put(parts.map((p, k) => (k === i ? next : p)))}
              remove={() => put(parts.filter((_, k) => k !== i))}
              copy={() => put([...parts.slice(0, i + 1), structuredClone(part), ...parts.slice(i + 1)])}
            />
          ))}
        </ol>
      )}
      <Add add={(next) => put([...parts, next])} deeper={depth < MAX_DEPTH} />
    </div>
  );
};

/** Edits a rule whose outermost part is a group. */
export const RuleBuilder = ({ rule, change }: { rule: Rule; change: (next: Rule) => void }) => {
  const vocabulary = useVocabulary();
  return <GroupField key={kindOf(rule)} rule={rule} depth={0} change={change} vocabulary={vocabulary} />;
};
