// A refusal of the server: what it is called and what to do about it, in the reader's language.
import { Alert } from 'antd';
import type { CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';
import { problemOf, type Problem } from '@/api/client';
import { useLanguage } from '@/i18n';
import { Original, useSaid } from './said';

export type ProblemWords = { title: string; detail: string; original: string };

/** The words for a problem: by its code; the particulars where they are known, else the server's own (`original`). */
export const useProblem = (): ((problem: Problem) => ProblemWords) => {
  const { t, i18n } = useTranslation();
  const { language } = useLanguage();
  const said = useSaid();
  return (problem) => {
    const key = `problem.${problem.code}`;
    const status = `problem.status_${problem.status}`;
    const title = i18n.exists(key) ? t(key as 'app.name') : i18n.exists(status) ? t(status as 'app.name') : t('problem.unexpected');
    const wait = problem.retryAfterS ? ` ${t('problem.retry_after', { seconds: problem.retryAfterS })}` : '';
    const own = problem.field ? `${problem.field}: ${problem.detail}` : problem.detail;
    const words = said(problem.wording) ?? (language === 'en' ? own : '');
    return { title: title + wait, detail: words === title ? '' : words, original: words === '' ? own : '' };
  };
};

/** The particulars under the title of a problem. */
export const ProblemDetail = ({ words }: { words: ProblemWords }) => (words.original ? <Original text={words.original} /> : <>{words.detail}</>);

/** What a form shows when it was refused. */
export const ProblemNote = ({ error, banner, style }: { error: unknown; banner?: boolean; style?: CSSProperties }) => {
  const words = useProblem()(problemOf(error));
  return <Alert type="error" showIcon banner={banner} title={words.title} description={words.detail || words.original ? <ProblemDetail words={words} /> : undefined} style={style} />;
};
