import type { i18n, TFunction } from 'i18next';
import type { Problem } from '@/api/client';

/** What a problem is called in the reader's language, with the server's own detail as the second line. */
export const problemText = (problem: Problem, t: TFunction, i18n: i18n): { title: string; detail: string } => {
  const key = `problem.${problem.code}`;
  const status = `problem.status_${problem.status}`;
  const title = i18n.exists(key) ? t(key as 'app.name') : i18n.exists(status) ? t(status as 'app.name') : t('problem.unexpected');
  const wait = problem.retryAfterS ? ` ${t('problem.retry_after', { seconds: problem.retryAfterS })}` : '';
  return { title: title + wait, detail: problem.field ? `${problem.field}: ${problem.detail}` : problem.detail };
};
