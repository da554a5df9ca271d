import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { App as AntdApp, ConfigProvider } from 'antd';
import { useEffect } from 'react';
import { onWriteFailed, queries } from '@/api/client';
import { useLanguage } from '@/i18n';
import { ProblemDetail, useProblem } from '@/parts/problem';
import { router } from './router';
import { antdTheme, useScheme } from './theme';

/** Shows problems of writes that no form shows itself. */
const WriteProblems = () => {
  const { notification } = AntdApp.useApp();
  const words = useProblem();
  useEffect(() => {
    onWriteFailed((problem) => {
      const told = words(problem);
      notification.error({ title: told.title, description: <ProblemDetail words={told} />, key: problem.code, placement: 'topRight' });
    });
  }, [notification, words]);
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
