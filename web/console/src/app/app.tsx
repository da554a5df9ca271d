import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { App as AntdApp, ConfigProvider } from 'antd';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { onWriteFailed, queries } from '@/api/client';
import { useLanguage } from '@/i18n';
import { problemText } from '@/parts/problem';
import { router } from './router';
import { antdTheme, useScheme } from './theme';

/** Shows problems of writes that no form shows itself. */
const WriteProblems = () => {
  const { notification } = AntdApp.useApp();
  const { t, i18n } = useTranslation();
  useEffect(() => {
    onWriteFailed((problem) => {
      const text = problemText(problem, t, i18n);
      notification.error({ title: text.title, description: text.detail, key: problem.code, placement: 'topRight' });
    });
  }, [notification, t, i18n]);
  return null;
};

export const App = () => {
  const { antd } = useLanguage();
  const scheme = useScheme();
  return (
    <ConfigProvider locale={antd} theme={antdTheme(scheme)} button={{ autoInsertSpace: false }}>
      <AntdApp component={false}>
        <QueryClientProvider client={queries}>
          <WriteProblems />
          <RouterProvider router={router} />
        </QueryClientProvider>
      </AntdApp>
    </ConfigProvider>
  );
};
