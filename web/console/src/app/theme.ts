// Colours. Pages use the CSS variables of `style.css`; antd's tokens are set here from the same values.
import { theme, type ThemeConfig } from 'antd';
import { useSyncExternalStore } from 'react';

export type Scheme = 'light' | 'dark';
const STORED = 'tl_scheme';
const listeners = new Set<() => void>();

const read = (): Scheme => {
  const stored = localStorage.getItem(STORED);
  if (stored === 'light' || stored === 'dark') return stored;
  return 'light';
};

export const schemeApply = (): void => {
  document.documentElement.dataset['scheme'] = read();
};

export const schemeSet = (scheme: Scheme): void => {
  localStorage.setItem(STORED, scheme);
  schemeApply();
  for (const listener of listeners) listener();
};

export const useScheme = (): Scheme =>
  useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, read);

export const FONT =
  'Inter, -apple-system, BlinkMacSystemFont, "Segoe UI", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", sans-serif';

export const antdTheme = (scheme: Scheme): ThemeConfig => {
  const dark = scheme === 'dark';
  return {
    algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      colorPrimary: dark ? '#3aa69f' : '#0a716c',
      colorInfo: dark ? '#3aa69f' : '#0a716c',
      colorLink: dark ? '#58c7bf' : '#0a716c',
      colorSuccess: dark ? '#4cae7c' : '#1f7a4d',
      colorWarning: dark ? '#d9a03f' : '#9a6400',
      colorError: dark ? '#f0785f' : '#bf3b23',
      colorTextBase: dark ? '#e8ecf4' : '#17223b',
      colorBgBase: dark ? '#141d30' : '#ffffff',
      colorBgLayout: dark ? '#0d1424' : '#f5f6f8',
      ...(dark ? { colorBgContainer: '#182238', colorBgElevated: '#1c2740' } : {}),
      colorBorder: dark ? '#34415c' : '#d5d9e2',
      colorBorderSecondary: dark ? '#26324a' : '#e6e9ef',
      colorTextSecondary: dark ? '#b3bccd' : '#4b566d',
      colorTextTertiary: dark ? '#98a3b8' : '#626d84',
      colorTextDescription: dark ? '#98a3b8' : '#626d84',
      colorTextPlaceholder: dark ? '#8a96ad' : '#6b758a',
      borderRadius: 8,
      fontFamily: FONT,
      fontSize: 14,
      controlHeight: 34,
      wireframe: false,
    },
    components: {
      Card: { headerFontSize: 14, headerHeight: 44, bodyPadding: 16, headerPadding: 16 },
      Table: { cellPaddingBlockSM: 8, cellPaddingInlineSM: 12, headerSplitColor: 'transparent', headerBg: dark ? '#19243a' : '#fafbfc', headerColor: dark ? '#b3bccd' : '#4b566d', rowHoverBg: dark ? '#1a2740' : '#f7faf9' },
      Tag: { defaultBg: dark ? '#202c45' : '#f1f3f6', defaultColor: dark ? '#d7deea' : '#36415a' },
      Segmented: { trackBg: dark ? '#202c45' : '#eceef2' },
      Drawer: { paddingLG: 20 },
    },
  };
};
