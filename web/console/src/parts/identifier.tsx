// Identifiers and personal values. Who may see them gets them in full from the server, and the page still covers them
// until somebody asks; who may not gets them masked.
import { EyeInvisibleOutlined, EyeOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';

let shown = false;
const listeners = new Set<() => void>();
const set = (value: boolean) => {
  shown = value;
  for (const listener of listeners) listener();
};

/** Whether personal data is uncovered; kept in memory only, so a reload covers it again. */
export const useRevealed = (): boolean =>
  useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, () => shown);

export const RevealSwitch = () => {
  const { t } = useTranslation();
  const { can } = useSession();
  const revealed = useRevealed();
  if (!can('personal')) return null;
  return (
    <Button icon={revealed ? <EyeInvisibleOutlined /> : <EyeOutlined />} onClick={() => set(!revealed)} aria-pressed={revealed}>
      {revealed ? t('personal.cover') : t('personal.reveal')}
    </Button>
  );
};

const PERSONAL = /^(phone|mobile|email|id_card|passport|address|street|birthday|birth_date|wechat|qq|card)/i;

export const isPersonal = (name: string): boolean => PERSONAL.test(name);

/** Covers the middle of a value so that two values can still be told apart. */
export const cover = (name: string, value: string): string => {
  if (value.includes('•') || value.includes('*')) return value;
  const at = value.indexOf('@');
  if (at > 0) return `${value.slice(0, 1)}•••${value.slice(at)}`;
  if (/^(phone|mobile)/i.test(name)) return `${value.startsWith('+') ? value.slice(0, 3) : ''}••••${value.slice(-4)}`;
  return value.length <= 4 ? '••••' : `${value.slice(0, 2)}••••${value.slice(-2)}`;
};

export const usePersonal = (): ((name: string, value: string) => string) => {
  const revealed = useRevealed();
  return (name, value) => (revealed || !isPersonal(name) ? value : cover(name, value));
};

/** `phone ••••5678`; long opaque ids keep their ends. */
export const IdentifierTag = ({ namespace, value }: { namespace: string; value: string }) => {
  const label = useLabel();
  const personal = usePersonal();
  const shownValue = personal(namespace, value);
  const [base, app] = namespace.split(':');
  return (
    <span className="ident" title={`${namespace} ${shownValue}`}>
      <b>{label('namespace', base ?? namespace)}{app ? ` ${app}` : ''}</b>
      <span>{shownValue.length > 26 ? `${shownValue.slice(0, 12)}…${shownValue.slice(-8)}` : shownValue}</span>
    </span>
  );
};
