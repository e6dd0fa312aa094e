import 'graphiql/setup-workers/vite';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';

const place = document.getElementById('app');
if (place === null) throw new Error('The page has no place for GraphiQL.');
createRoot(place).render(<App />);
