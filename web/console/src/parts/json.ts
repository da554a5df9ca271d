// Reading JSON that people type, and saying in their language where it breaks.
import { useTranslation } from 'react-i18next';

/** Where a parser stopped, as far as its message tells: engines say "position 12" or "line 3 column 4". */
const place = (text: string, message: string): { line: number; column: number } | null => {
  const told = /line (\d+) column (\d+)/.exec(message);
  if (told) return { line: Number(told[1]), column: Number(told[2]) };
  const at = /position (\d+)/.exec(message);
  if (!at) return null;
  const before = text.slice(0, Number(at[1])).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
};

/** The value of a text, or what is wrong with it. `fits` is what the value has to be, `otherwise` says so. */
export const useJsonRead = () => {
  const { t } = useTranslation();
  return <T,>(text: string, fits: (value: unknown) => value is T, otherwise: string): { value: T; wrong: null } | { value: null; wrong: string } => {
    try {
      const value: unknown = JSON.parse(text);
      return fits(value) ? { value, wrong: null } : { value: null, wrong: otherwise };
    } catch (error) {
      const at = place(text, error instanceof Error ? error.message : '');
      return { value: null, wrong: at ? t('json.broken_at', at) : t('json.broken') };
    }
  };
};
