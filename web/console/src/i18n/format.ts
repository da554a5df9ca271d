// Numbers, money and dates in the reader's language. Everything a page shows goes through here.
import { useMemo } from 'react';
import { useLanguage, type Language } from '.';

const digits = (currency: string): number => {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
};

const AGO = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

const build = (language: Language) => {
  const number = new Intl.NumberFormat(language);
  const decimal = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const short = new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
  const day = new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric' });
  const weekday = new Intl.DateTimeFormat(language, { weekday: 'short', year: 'numeric', month: 'long', day: 'numeric' });
  const dateTime = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const time = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hour12: false });
  const seconds = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const money = (minor: number, currency: string, options: Intl.NumberFormatOptions): string => {
    const amount = minor / 10 ** digits(currency);
    try {
      return new Intl.NumberFormat(language, { style: 'currency', currency, currencyDisplay: 'narrowSymbol', ...options }).format(amount);
    } catch {
      return `${number.format(amount)} ${currency}`;
    }
  };
  const at = (text: string | null | undefined, format: Intl.DateTimeFormat): string => (text ? format.format(new Date(text)) : '—');
  return {
    number: (n: number) => number.format(n),
    decimal: (n: number) => decimal.format(n),
    short: (n: number) => (Math.abs(n) < 10_000 ? number.format(n) : short.format(n)),
    percent: (share: number) => percent.format(share),
    /** Whole units, for tables and headlines. */
    money: (minor: number, currency: string) => money(minor, currency, { maximumFractionDigits: 0 }),
    /** To the minor unit, for single orders. */
    moneyExact: (minor: number, currency: string) => money(minor, currency, {}),
    moneyShort: (minor: number, currency: string) => money(minor, currency, { notation: 'compact', maximumFractionDigits: 1 }),
    bytes: (n: number) => {
      const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
      const step = n < 1 ? 0 : Math.min(Math.floor(Math.log10(n) / 3), units.length - 1);
      return new Intl.NumberFormat(language, { style: 'unit', unit: units[step], maximumFractionDigits: 1 }).format(n / 1000 ** step);
    },
    duration: (s: number) => {
      const unit = (n: number, name: string) => new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: 0 }).format(n);
      if (s < 90) return unit(Math.max(s, 0), 'second');
      if (s < 5400) return unit(s / 60, 'minute');
      if (s < 172_800) return unit(s / 3600, 'hour');
      return unit(s / 86_400, 'day');
    },
    date: (text: string | null | undefined) => at(text, date),
    day: (text: string | null | undefined) => at(text, day),
    weekday: (text: string | null | undefined) => at(text, weekday),
    dateTime: (text: string | null | undefined) => at(text, dateTime),
    time: (text: string | null | undefined) => at(text, time),
    seconds: (text: string | null | undefined) => at(text, seconds),
    ago: (text: string | null | undefined) => {
      if (!text) return '—';
      const s = (new Date(text).getTime() - Date.now()) / 1000;
      const step = AGO.find(([, size]) => Math.abs(s) >= size) ?? (['second', 1] as const);
      return relative.format(Math.trunc(s / step[1]), step[0]);
    },
  };
};

export type Format = ReturnType<typeof build>;

export const useFormat = (): Format => {
  const { language } = useLanguage();
  return useMemo(() => build(language), [language]);
};
