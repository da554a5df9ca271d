import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, EditOutlined } from '@ant-design/icons';
import { Button, Popconfirm, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import type { TouchRule } from '@/api/types';
import { useLabel } from '@/i18n';
import { ChannelName, useChannels } from '@/parts/channel';
import { useRoving } from '@/parts/roving';

const When = ({ rule }: { rule: TouchRule }) => {
  const { t } = useTranslation();
  const label = useLabel();
  if (rule.when.length === 0) return <span className="muted">{t('rules.always')}</span>;
  return (
    <span className="cond">
      {rule.when.map((c, i) => (
        <span key={i}>
          <span className="muted">{i > 0 ? `${t('rules.and')} ` : ''}{label('touch_field', c.field)} {label('touch_op', c.op)} </span>
          <span className="mono">{(c.values ?? []).join(', ')}</span>
        </span>
      ))}
      {rule.note && <span className="muted small">— {rule.note}</span>}
    </span>
  );
};

const Then = ({ rule }: { rule: TouchRule }) => {
  const { t } = useTranslation();
  const channels = useChannels();
  if (rule.then.ignore) return <span className="chip">{t('rules.ignore')}</span>;
  const channel = rule.then.channel ?? '';
  const rest = [rule.then.campaign, rule.then.touchpoint].filter(Boolean).join(' › ');
  return (
    <span className="cond">
      {/* A template is no channel; which one it gives depends on the touch. */}
      {channel.includes('{') ? <span className="mono">{channel}</span> : <ChannelName channel={channel} channels={channels} />}
      {rest && <span className="mono muted">{rest}</span>}
    </span>
  );
};

export type RuleDo = { enable: (on: boolean) => void; move: (by: -1 | 1) => void; edit: () => void; remove: () => void };

/** A rule as one Tab stop; arrow keys go along its controls, and from rule to rule. */
export const RuleRow = ({ rule, n, last, write, act }: { rule: TouchRule; n: number; last: boolean; write: boolean; act: RuleDo }) => {
  const { t } = useTranslation();
  const { id } = rule;
  const on = rule.enabled !== false;
  const roving = useRoving(['enabled', ...(n > 1 ? ['up'] : []), ...(last ? [] : ['down']), 'edit', 'remove']);
  return (
    <li>
      <div {...roving.row} data-rule={id} className={`rule-row ${on ? '' : 'off'}`} aria-label={t('rules.row', { n, id })} aria-describedby="rules-keys">
        <span className="muted num">{n}</span>
        <Switch {...roving.stop('enabled')} size="small" checked={on} disabled={!write} aria-label={t('rules.enabled', { id })} onChange={act.enable} />
        <When rule={rule} />
        <span className="muted" aria-hidden="true">→</span>
        <Then rule={rule} />
        {write && (
          <span className="row" style={{ gap: 0 }}>
            <Button {...roving.stop('up')} size="small" type="text" icon={<ArrowUpOutlined />} disabled={n === 1} onClick={() => act.move(-1)} aria-label={t('rules.up', { id })} />
            <Button {...roving.stop('down')} size="small" type="text" icon={<ArrowDownOutlined />} disabled={last} onClick={() => act.move(1)} aria-label={t('rules.down', { id })} />
            <Button {...roving.stop('edit')} size="small" type="text" icon={<EditOutlined />} onClick={act.edit} aria-label={t('rules.edit', { id })} />
            <Popconfirm title={t('rules.remove')} onConfirm={act.remove}>
              <Button {...roving.stop('remove')} size="small" type="text" icon={<DeleteOutlined />} aria-label={t('rules.remove_named', { id })} />
            </Popconfirm>
          </span>
        )}
      </div>
    </li>
  );
};
