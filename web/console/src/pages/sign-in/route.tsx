import { useRouter, useSearch } from '@tanstack/react-router';
import { Button, Form, Input } from 'antd';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { sessionPut, sessionRead } from '@/app/session';
import { languagePreferred, languageSet } from '@/i18n';
import { Gate } from '@/parts/gate';
import { ProblemNote } from '@/parts/problem';

/** Only paths of this console; never another site. */
const inside = (next: string | undefined): string => (next?.startsWith('/') && !next.startsWith('//') ? next : '/');

export const SignInPage = () => {
  const { t } = useTranslation();
  const router = useRouter();
  const { next } = useSearch({ from: '/sign-in' });
  const signIn = $api.useMutation('post', '/api/session', { meta: { quiet: true } });
  useEffect(() => {
    document.title = `${t('sign_in.title')} · ${t('app.name')}`;
  }, [t]);
  const submit = async (body: { email: string; password: string }) => {
    const answer = await signIn.mutateAsync({ body }).catch(() => null);
    if (!answer) return;
    const session = 'scopes' in answer ? answer : await sessionRead();
    if (session) sessionPut(session);
    const locale = answer.user.locale === 'en' ? 'en' : 'zh-CN';
    if (locale !== languagePreferred()) await languageSet(locale);
    router.history.push(inside(next));
  };
  return (
    <Gate title={t('sign_in.title')} text={t('sign_in.text')}>
      <Form layout="vertical" requiredMark={false} onFinish={(values: { email: string; password: string }) => void submit(values)}>
        <Form.Item name="email" label={t('user.email')} rules={[{ required: true }]}>
          <Input type="email" autoComplete="username" autoFocus size="large" />
        </Form.Item>
        <Form.Item name="password" label={t('user.password')} rules={[{ required: true }]}>
          <Input.Password autoComplete="current-password" size="large" />
        </Form.Item>
        {signIn.error && <ProblemNote error={signIn.error} style={{ marginBottom: 16 }} />}
        <Button type="primary" htmlType="submit" size="large" block loading={signIn.isPending}>
          {t('sign_in.do')}
        </Button>
      </Form>
    </Gate>
  );
};
