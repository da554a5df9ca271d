import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from '@/app/app';
import { schemeApply } from '@/app/theme';
import { i18nStart } from '@/i18n';
import '@/app/style.css';

schemeApply();

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

await i18nStart();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
