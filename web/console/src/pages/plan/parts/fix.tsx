import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { AutoComplete, Button, Dropdown, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import type { FixOp, QuarantinePreview } from '@/api/types';
import { useLabel } from '@/i18n';
import { json, plain, VerdictChip } from '@/parts/bits';

const OPS: FixOp['op'][] = ['cast', 'rename', 'rename_event', 'map_value', 'set_default', 'drop', 'raise_limit'];

const paths = (value: unknown, at = ''): string[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value).flatMap(([k, v]) => paths(v, at ? `${at}.${k}` : k)) : [at];

/** Whether a step has all it needs. */
export const whole = (op: FixOp): boolean => {
  switch (op.op) {
    case 'rename_event': return Boolean(op.to);
    case 'rename': return Boolean(op.path && op.to);
    case 'map_value': return Boolean(op.path && op.map && Object.keys(op.map).length > 0);
    case 'cast': return Boolean(op.path && op.type);
    case 'set_default': return Boolean(op.path) && op.value !== undefined;
    case 'drop': return Boolean(op.path);
    case 'raise_limit': return Boolean(op.limit) && op.value !== undefined;
  }
};

const mapText = (map: FixOp['map']) => Object.entries(map ?? {}).map(([k, v]) => `${k}=${plain(v)}`).join(', ');
const mapRead = (text: string) => Object.fromEntries(text.split(/[,\uff0c]/).map((pair) => pair.split('=').map((s) => s.trim())).filter((p): p is [string, string] => p.length === 2 && p[0] !== ''));
const literal = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const Target = ({ op, put }: { op: FixOp; put: (change: Partial<FixOp>) => void }) => {
  const { t } = useTranslation();
  const label = useLabel();
  switch (op.op) {
    case 'cast':
      return <Select value={op.type} placeholder={t('fix.to_type')} aria-label={t('fix.to_type')} options={['number', 'string', 'boolean', 'date'].map((value) => ({ value, label: label('json_type', value) }))} onChange={(type: FixOp['type']) => put({ type })} />;
    case 'map_value':
      return <Input defaultValue={mapText(op.map)} placeholder={t('fix.map_hint')} aria-label={t('fix.map_hint')} onChange={(e) => put({ map: mapRead(e.target.value) })} />;
    case 'set_default':
    case 'raise_limit':
      return <Input placeholder={t('fix.value')} aria-label={t('fix.value')} onChange={(e) => put({ value: literal(e.target.value) })} />;
    case 'rename':
    case 'rename_event':
      return <Input className="mono" value={op.to} placeholder={t('fix.new_name')} aria-label={t('fix.new_name')} onChange={(e) => put({ to: e.target.value })} />;
    case 'drop':
      return <span />;
  }
};

export const Ops = ({ ops, change, sample }: { ops: FixOp[]; change: (ops: FixOp[]) => void; sample: unknown }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const known = [...new Set(paths(sample))].filter(Boolean).map((value) => ({ value }));
  const put = (at: number, part: Partial<FixOp>) => change(ops.map((op, i) => (i === at ? { ...op, ...part } : op)));
  return (
    <>
      {ops.map((op, i) => (
        <div key={i} className="op-row">
          <Select value={op.op} options={OPS.map((value) => ({ value, label: label('fix_op', value) }))} onChange={(next) => put(i, { op: next })} aria-label={t('fix.step', { n: i + 1 })} />
          {op.op === 'rename_event' ? <span /> : op.op === 'raise_limit' ? (
            <Input className="mono" value={op.limit} placeholder={t('fix.limit')} aria-label={t('fix.limit')} onChange={(e) => put(i, { limit: e.target.value })} />
          ) : (
            <AutoComplete className="mono" value={op.path} options={known} showSearch={{ filterOption: (text, o) => String(o?.value ?? '').includes(text) }} placeholder={t('conversion.path')} aria-label={t('conversion.path')} onChange={(path: string) => put(i, { path })} />
          )}
          <Target op={op} put={(part) => put(i, part)} />
          <Button type="text" icon={<DeleteOutlined />} onClick={() => change(ops.filter((_, k) => k !== i))} aria-label={t('action.remove')} />
        </div>
      ))}
      <Dropdown trigger={['click']} menu={{ items: OPS.map((key) => ({ key, label: label('fix_op', key) })), onClick: ({ key }) => change([...ops, { op: OPS.find((o) => o === key) ?? 'cast' }]) }}>
        <Button size="small" icon={<PlusOutlined />}>{t('fix.add')}</Button>
      </Dropdown>
    </>
  );
};

/** The two sides with the lines that differ marked. */
const Marked = ({ text, other, gone }: { text: string; other: Set<string>; gone?: boolean }) => (
  <pre className="pre" tabIndex={0}>
    {text.split('\n').map((line, i) => (other.has(line.replace(/,$/, '')) ? <span key={i}>{line}{'\n'}</span> : <mark key={i} className={gone ? 'gone' : ''}>{line}{'\n'}</mark>))}
  </pre>
);

export const Before = ({ list }: { list: QuarantinePreview[] }) => {
  const { t } = useTranslation();
  const lines = (value: unknown) => new Set(json(value).split('\n').map((l) => l.replace(/,$/, '')));
  return (
    <div className="stack">
      {list.slice(0, 3).map((row) => (
        <div key={row.id}>
          <div className="row" style={{ marginBottom: 6 }}>
            <span className="small muted">{t('fix.before_after')}</span> <VerdictChip verdict={row.verdict} />
          </div>
          <div className="diff">
            <Marked text={json(row.before)} other={lines(row.after)} gone />
            <Marked text={json(row.after)} other={lines(row.before)} />
          </div>
        </div>
      ))}
    </div>
  );
};
