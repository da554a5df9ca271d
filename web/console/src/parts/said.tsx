// Sentences of the server in the reader's language. It speaks English and adds codes and values; what it does not know
// by its form is shown as it is to who reads English, and behind "details" to everybody else.
import { useTranslation } from 'react-i18next';
import type { Wording } from '@/api/types';
import { useLabel, useLanguage } from '@/i18n';

/** Codes whose `of` is the kind of an identifier; elsewhere it is a property, a column or a cell. */
const OF_NAMESPACE = /^(link|blocked|warned)\./;

/** The words for what the server says; null when there are none. */
export const useSaid = (): ((wording: readonly Wording[] | undefined) => string | null) => {
  const { t, i18n } = useTranslation();
  const known = useLabel();
  const label = (family: string, code: string) => (i18n.exists(`${family}.${code}`) ? known(family, code) : code);
  const filled = (name: string, value: string, code: string): string => {
    switch (name) {
      case 'namespace': return label('namespace', value.split(':')[0] ?? value);
      case 'type': return value.split(' or ').map((one) => label('json_type', one)).join(' / ');
      case 'unit': return label('said_unit', value);
      case 'of': return value === 'the event' ? label('said_of', 'event') : OF_NAMESPACE.test(code) ? label('namespace', value) : value;
      default: return value;
    }
  };
  const one = ({ code, params }: Wording): string | null => {
    const key = `said.${code}`;
    const form: unknown = i18n.getResource(i18n.language, 'translation', key);
    if (typeof form !== 'string') return null;
    const values = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, filled(name, value, code)]));
    let text: string = t(`said.${code}` as 'said.about', values as { of: string; text: string });
    if (values['of'] && !form.includes('{{of}}')) text = t('said.about', { of: values['of'], text });
    return values['group_line'] ? t('said.group_line', { line: values['group_line'], text }) : text;
  };
  return (wording) => {
    const parts = (wording ?? []).map(one);
    return parts.length > 0 && parts.every((part) => part !== null) ? parts.join(t('said.join')) : null;
  };
};

/** The server's own words, for who wants them or can read nothing else. */
export const Original = ({ text }: { text: string }) => {
  const { t } = useTranslation();
  return (
    <details className="original">
      <summary>{t('said.original')}</summary>
      <span lang="en">{text}</span>
    </details>
  );
};

/** A sentence of the server. What people wrote, and ids (`own`), are shown as they are. */
export const Said = ({ text, wording, own }: { text: string | null | undefined; wording: readonly Wording[] | undefined; own?: boolean }) => {
  const said = useSaid();
  const { language } = useLanguage();
  if (!text) return null;
  const words = said(wording);
  if (words !== null) return <>{words}</>;
  return own || language === 'en' ? <>{text}</> : <Original text={text} />;
};
