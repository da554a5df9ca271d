import { useRouter } from '@tanstack/react-router';
import { Button, Form, Input, Segmented } from 'antd';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { sessionPut } from '@/app/session';
import { LANGUAGE_NAMES, languageSet, useLanguage } from '@/i18n';
import { Gate } from '@/parts/gate';
import { ProblemNote } from '@/parts/problem';

type Owner = { name: string; email: string; password: string };

export const SetUpPage = () => {
  const { t } = useTranslation();
  const router = useRouter();
  const { language } = useLanguage();
  const setUp = $api.useMutation('post', '/api/setup', { meta: { quiet: true } });
  useEffect(() => {
    document.title = `${t('set_up.title')} · ${t('app.name')}`;
  }, [t]);
  const submit = async (owner: Owner) => {
    const session = await setUp.mutateAsync({ body: { ...owner, locale: language } }).catch(() => null);
    if (!session) return;
    sessionPut(session);
    await router.navigate({ to: '/' });
  };
  return (
    <Gate title={t('set_up.title')} text={t('set_up.text')}>
      <Form layout="vertical" requiredMark={false} onFinish={(owner: Owner) => void submit(owner)}>
        <Form.Item label={t('app.language')}>
          <Segmented block size="large" value={language} options={LANGUAGE_NAMES} onChange={(value) => void languageSet(value)} />
        </Form.Item>
        <Form.Item name="name" label={t('user.name')} rules={[{ required: true }]}>
          <Input autoComplete="name" size="large" />
        </Form.Item>
        <Form.Item name="email" label={t('user.email')} rules={[{ required: true, type: 'email' }]}>
          <Input type="email" autoComplete="username" size="large" />
        </Form.Item>
        <Form.Item name="password" label={t('user.password')} extra={t('user.password_hint')} rules={[{ required: true, min: 10 }]}>
          <Input.Password autoComplete="new-password" size="large" />
        </Form.Item>
        {setUp.error && <ProblemNote error={setUp.error} style={{ marginBottom: 16 }} />}
        <Button type="primary" htmlType="submit" size="large" block loading={setUp.isPending}>
          {t('set_up.do')}
        </Button>
      </Form>
    </Gate>
  );
};
