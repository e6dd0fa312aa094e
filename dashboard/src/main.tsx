import { Provider } from '@urql/preact';
import { render } from 'preact';
import { startFollowing } from './api/changes.ts';
import { client } from './api/client.ts';
import { Overview } from './overview/overview.tsx';
import { Header } from './parts/header.tsx';

const place = document.getElementById('app');
if (place !== null) {
  startFollowing();
  render(
    <Provider value={client}>
      <Header />
      <Overview />
    </Provider>,
    place,
  );
}
