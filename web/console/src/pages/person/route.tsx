import { Navigate, useParams } from '@tanstack/react-router';
import { Loaded } from '@/parts/states';
import { Line } from './parts/line';
import { Now } from './parts/now';
import { PersonHeader } from './parts/header';
import { Traits } from './parts/traits';
import { Who } from './parts/who';
import { usePerson } from './queries';
import './person.css';

export const PersonPage = () => {
  const { id } = useParams({ from: '/shell/people/$id' });
  const person = usePerson(id);
  return (
    <Loaded query={person} rows={14}>
      {(data) =>
        // An id that was merged away leads to the person it is now.
        data.id !== id ? (
          <Navigate to="/people/$id" params={{ id: data.id }} replace />
        ) : (
          <>
            <PersonHeader person={data} />
            <div className="person-grid">
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
