import 'i18next';
import type en from './en.json';
import type pages from './pages/en.json';
import type server from './server/en.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en & typeof pages & typeof server };
    keySeparator: false;
    nsSeparator: false;
    returnNull: false;
  }
}
