import { Navigate, useParams } from '@tanstack/react-router';
import { Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Loaded } from '@/parts/states';
import { Line } from './parts/line';
import { Now } from './parts/now';
import { PersonHeader } from './parts/header';
import { Traits } from './parts/traits';
import { Who } from './parts/who';
import { usePerson } from './queries';
import './person.css';

type Part = 'line' | 'who' | 'now';

/** On a phone the three columns are three views. */
const Parts = ({ part, choose }: { part: Part; choose: (part: Part) => void }) => {
  const { t } = useTranslation();
  return (
    <div className="only-phone">
      <Segmented block value={part} onChange={choose} style={{ marginBottom: 12 }} options={[{ value: 'line', label: t('line.title') }, { value: 'who', label: t('person.who') }, { value: 'now', label: t('person.now') }]} />
    </div>
  );
};

export const PersonPage = () => {
  const { id } = useParams({ from: '/shell/people/$id' });
  const person = usePerson(id);
  const [part, setPart] = useState<Part>('line');
  return (
    <Loaded query={person} rows={14}>
      {(data) =>
        // An id that was merged away leads to the person it is now.
        data.id !== id ? (
          <Navigate to="/people/$id" params={{ id: data.id }} replace />
        ) : (
          <>
            <PersonHeader person={data} />
            <Parts part={part} choose={setPart} />
            <div className="person-grid" data-part={part}>
              <div className="who stack">
                <Who person={data} />
                <Traits person={data} />
              </div>
              <Line person={data} />
              <Now person={data} />
            </div>
          </>
        )
      }
    </Loaded>
  );
};
