// Languages. The texts of one language are loaded when it is chosen; the set of keys is the type of the English files.
// What the server says (`server/`: its problems and sentences) and the texts of pages that are opened later (`pages/`) come
// behind the first page, which needs none of them.
import type { Locale as AntdLocale } from 'antd/es/locale';
import dayjs from 'dayjs';
import i18next from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';

export const LANGUAGES = ['zh-CN', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Each language in its own words, as a reader looks for it. */
export const LANGUAGE_NAMES: { value: Language; label: string }[] = [
  { value: 'zh-CN', label: '中文' },
  { value: 'en', label: 'English' },
];

const STORED = 'tl_language';

const LOADERS: Record<Language, () => Promise<{ texts: Record<string, string>; antd: AntdLocale; day: string }>> = {
  'zh-CN': async () => {
    const [texts, antd] = await Promise.all([import('./zh-CN.json'), import('antd/es/locale/zh_CN'), import('dayjs/locale/zh-cn')]);
    return { texts: texts.default, antd: antd.default, day: 'zh-cn' };
  },
  en: async () => {
    const [texts, antd] = await Promise.all([import('./en.json'), import('antd/es/locale/en_US')]);
    return { texts: texts.default, antd: antd.default, day: 'en' };
  },
};

type Texts = () => Promise<{ default: Record<string, string> }>;
const LATER: Record<Language, Texts[]> = {
  'zh-CN': [() => import('./pages/zh-CN.json'), () => import('./server/zh-CN.json')],
  en: [() => import('./pages/en.json'), () => import('./server/en.json')],
};

const antdLocales: Partial<Record<Language, AntdLocale>> = {};

const parse = (text: string | null | undefined): Language | null => {
  if (!text) return null;
  return text.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
};

/** The language chosen here before, else the browser's. */
export const languagePreferred = (): Language => parse(localStorage.getItem(STORED)) ?? parse(navigator.language) ?? 'en';

const load = async (language: Language): Promise<void> => {
  if (antdLocales[language]) return;
  const { texts, antd, day } = await LOADERS[language]();
  antdLocales[language] = antd;
  i18next.addResourceBundle(language, 'translation', texts, false, true);
  // Whoever cannot reach the server for these reads the general texts meanwhile.
  for (const texts of LATER[language]) {
    void texts().then((more) => i18next.addResourceBundle(language, 'translation', more.default, true, true), () => undefined);
  }
  dayjs.locale(day);
};

/** Prepares the first language; nothing is rendered before. */
export const i18nStart = async (): Promise<void> => {
  const language = languagePreferred();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: {},
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    returnNull: false,
    react: { bindI18nStore: 'added' },
  });
  await languageSet(language);
};

/** Loads and shows a language, and remembers it in this browser. */
export const languageSet = async (language: Language): Promise<void> => {
  await load(language);
  dayjs.locale(language === 'zh-CN' ? 'zh-cn' : 'en');
  localStorage.setItem(STORED, language);
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
};

export const useLanguage = (): { language: Language; antd: AntdLocale | undefined } => {
  const { i18n } = useTranslation();
  const language = parse(i18n.language) ?? 'en';
  return { language, antd: antdLocales[language] };
};

export type Key = keyof typeof import('./en.json') | keyof typeof import('./pages/en.json') | keyof typeof import('./server/en.json');

/**
 * The text of a code the server sends (`label('stage', 'loyal')` → key `stage.loyal`). A code we do not know, a custom
 * life-cycle stage for instance, is shown as it is with its underscores opened.
 */
export const useLabel = (): ((family: string, code: string | null | undefined) => string) => {
  const { t, i18n } = useTranslation();
  return (family, code) => {
    if (!code) return '—';
    const key = `${family}.${code}`;
    return i18n.exists(key) ? t(key as 'app.name') : code.replaceAll('_', ' ');
  };
};
