// The frame of the two pages before sign-in.
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { LanguageSwitch } from '@/app/user-menu';
import { Logo } from './line';
import './gate.css';

export const Gate = ({ title, text, children }: { title: string; text: string; children: ReactNode }) => {
  const { t } = useTranslation();
  return (
    <div className="gate">
      <aside>
        <div className="row" style={{ fontSize: 18, fontWeight: 600 }}>
          <Logo size={30} /> {t('app.name')}
        </div>
        <svg viewBox="0 0 440 300" aria-hidden="true" className="gate-line">
          <path d="M-20 236C70 236 62 92 146 92s70 132 152 132 66-150 162-150" fill="none" stroke="#7c8bad" strokeWidth="1.6" />
          {[[32, 213.5], [65, 164], [146, 92], [222.7, 158], [258.8, 210], [298, 224]].map(([x, y]) => (
            <circle key={x} cx={x} cy={y} r="5" fill="#14213d" stroke="#3fb8af" strokeWidth="2" />
          ))}
          <circle cx="398.2" cy="106.4" r="8" fill="#f0785f" />
        </svg>
        <p className="gate-claim">{t('app.claim')}</p>
      </aside>
      <main>
        <div className="gate-top">
          <LanguageSwitch save={false} />
        </div>
        <div className="gate-form">
          <h1>{title}</h1>
          <p className="muted">{text}</p>
          {children}
        </div>
      </main>
    </div>
  );
};
